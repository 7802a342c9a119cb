//! What to do with a query, by name.

use crate::{Misbehaviour, Query, Reply};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{LowerName, Name};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How queries are treated. The ways can be combined with a delay:
/// `Rule::refuse().after(Duration::from_millis(50))`.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    delay: Option<Duration>,
    verdict: Option<Verdict>,
}

#[derive(Clone, Default)]
pub(crate) enum Verdict {
    #[default]
    Answer,
    Drop,
    Truncate,
    Rcode(ResponseCode),
    Script(Arc<dyn Fn(&Query) -> Reply + Send + Sync>),
}

impl Rule {
    /// Answer from the zone, which is what happens without a rule. It makes
    /// an exception from a wider pattern.
    pub fn answer() -> Rule {
        Rule::verdict(Verdict::Answer)
    }

    /// Answer later. Other queries do not wait meanwhile.
    pub fn delay(delay: Duration) -> Rule {
        Rule::default().after(delay)
    }

    /// Do not answer.
    pub fn drop() -> Rule {
        Rule::verdict(Verdict::Drop)
    }

    /// Over UDP, answer nothing but the TC bit. Over TCP, answer from the zone.
    pub fn truncate() -> Rule {
        Rule::verdict(Verdict::Truncate)
    }

    /// Answer with REFUSED.
    pub fn refuse() -> Rule {
        Rule::rcode(ResponseCode::Refused)
    }

    /// Answer with a response code and no records. One above 15 needs an OPT
    /// record, and thus a query with one.
    pub fn rcode(code: ResponseCode) -> Rule {
        Rule::verdict(Verdict::Rcode(code))
    }

    /// Answer with what a closure says. It runs on the server's thread: a closure
    /// that takes its time holds up all answers, [`Reply::wait`] does not.
    pub fn script(script: impl Fn(&Query) -> Reply + Send + Sync + 'static) -> Rule {
        Rule::verdict(Verdict::Script(Arc::new(script)))
    }

    /// Answer as broken and hostile servers do.
    pub fn misbehave(how: Misbehaviour) -> Rule {
        Rule::script(move |query| how.reply(query))
    }

    /// The same, but later.
    pub fn after(mut self, delay: Duration) -> Rule {
        self.delay = Some(delay);
        self
    }

    fn verdict(verdict: Verdict) -> Rule {
        Rule {
            delay: None,
            verdict: Some(verdict),
        }
    }
}

/// The rules of one server, by pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    exact: HashMap<LowerName, Rule>,
    below: HashMap<LowerName, Rule>,
}

impl Rules {
    /// What the rule leaves open stays as an earlier one under the pattern has it.
    pub(crate) fn set(&mut self, pattern: &str, rule: Rule) {
        let slot = match Pattern::parse(pattern) {
            Pattern::Exact(name) => self.exact.entry(name),
            Pattern::Below(name) => self.below.entry(name),
        }
        .or_default();
        slot.delay = rule.delay.or(slot.delay);
        slot.verdict = rule.verdict.or(slot.verdict.take());
    }

    pub(crate) fn clear(&mut self, pattern: &str) {
        match Pattern::parse(pattern) {
            Pattern::Exact(name) => self.exact.remove(&name),
            Pattern::Below(name) => self.below.remove(&name),
        };
    }

    pub(crate) fn decide(&self, name: &Name) -> (Duration, Verdict) {
        let mut name = LowerName::new(name);
        let mut delay = None;
        let mut verdict = None;
        let mut apply = |rule: Option<&Rule>| {
            if let Some(rule) = rule {
                delay = delay.or(rule.delay);
                verdict = verdict.take().or_else(|| rule.verdict.clone());
            }
        };
        apply(self.exact.get(&name));
        while !name.is_root() {
            name = name.base_name();
            apply(self.below.get(&name));
        }
        // "*" is every name, the root itself too.
        apply(self.below.get(&name));
        (delay.unwrap_or_default(), verdict.unwrap_or_default())
    }
}

enum Pattern {
    Exact(LowerName),
    Below(LowerName),
}

impl Pattern {
    fn parse(pattern: &str) -> Pattern {
        match pattern.strip_prefix('*') {
            Some("" | ".") => Pattern::Below(LowerName::new(&Name::root())),
            Some(rest) if rest.starts_with('.') => Pattern::Below(parse_name(&rest[1..])),
            _ => Pattern::Exact(parse_name(pattern)),
        }
    }
}

fn parse_name(text: &str) -> LowerName {
    let mut name = Name::from_ascii(text)
        .unwrap_or_else(|error| panic!("bad name {text:?} in a rule: {error}"));
    name.set_fqdn(true);
    LowerName::new(&name)
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Answer => f.write_str("Answer"),
            Verdict::Drop => f.write_str("Drop"),
            Verdict::Truncate => f.write_str("Truncate"),
            Verdict::Rcode(code) => f.debug_tuple("Rcode").field(code).finish(),
            Verdict::Script(_) => f.write_str("Script"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_millis(2);

    fn decide(rules: &Rules, name: &str) -> (Duration, String) {
        let (delay, verdict) = rules.decide(&Name::from_ascii(name).unwrap());
        (delay, format!("{verdict:?}"))
    }

    #[test]
    fn the_longest_pattern_wins_for_delay_and_verdict_apart() {
        let mut rules = Rules::default();
        rules.set("*", Rule::delay(SHORT));
        rules.set("*.example.", Rule::drop());
        rules.set("www.EXAMPLE", Rule::answer().after(LONG));
        assert_eq!(decide(&rules, "elsewhere."), (SHORT, "Answer".into()));
        assert_eq!(decide(&rules, "."), (SHORT, "Answer".into()));
        assert_eq!(decide(&rules, "example."), (SHORT, "Answer".into()));
        assert_eq!(decide(&rules, "a.b.example."), (SHORT, "Drop".into()));
        assert_eq!(decide(&rules, "WWW.example."), (LONG, "Answer".into()));
        rules.clear("*");
        rules.clear("www.example.");
        assert_eq!(
            decide(&rules, "www.example."),
            (Duration::ZERO, "Drop".into())
        );
    }

    #[test]
    fn a_later_rule_keeps_what_it_does_not_say() {
        let mut rules = Rules::default();
        rules.set("a.", Rule::truncate().after(LONG));
        rules.set("a.", Rule::delay(SHORT));
        assert_eq!(decide(&rules, "a."), (SHORT, "Truncate".into()));
        rules.set("a.", Rule::refuse());
        assert_eq!(decide(&rules, "a."), (SHORT, "Rcode(Refused)".into()));
    }

    #[test]
    #[should_panic(expected = "bad name \"a..b\" in a rule")]
    fn a_bad_pattern_is_named() {
        Rules::default().set("a..b", Rule::drop());
    }
}
