//! Messages as `dig` writes them.

use std::fmt;

use super::{Message, Section};
use crate::record::table::RData;

/// The headings of `dig`, section by section.
const HEADINGS: [(Section, &str); 3] = [
    (Section::Answer, "ANSWER"),
    (Section::Authority, "AUTHORITY"),
    (Section::Additional, "ADDITIONAL"),
];

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.header();
        writeln!(
            f,
            ";; ->>HEADER<<- opcode: {}, status: {}, id: {}",
            header.opcode, header.rcode, header.id
        )?;
        write!(
            f,
            ";; flags: {}; QUERY: {}",
            header.flags,
            self.questions().count()
        )?;
        for (section, heading) in HEADINGS {
            write!(f, ", {heading}: {}", self.record_count(section))?;
        }
        writeln!(f)?;
        if let Some(edns) = self.edns().map_err(|_| fmt::Error)? {
            writeln!(f, "\n;; OPT PSEUDOSECTION:\n{edns}")?;
        }
        for (position, question) in self.questions().enumerate() {
            f.write_str(if position == 0 {
                "\n;; QUESTION SECTION:\n"
            } else {
                ""
            })?;
            writeln!(f, ";{question}")?;
        }
        for (section, heading) in HEADINGS {
            let mut first = true;
            for record in self.records::<RData>(section).map_err(|_| fmt::Error)? {
                if matches!(record.data, RData::Opt(_)) {
                    continue;
                }
                if first {
                    writeln!(f, "\n;; {heading} SECTION:")?;
                }
                first = false;
                writeln!(f, "{record}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for super::Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.name, self.class, self.record_type)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut message = f.debug_struct("Message");
        message.field("header", &self.header());
        message.field("questions", &self.questions().collect::<Vec<_>>());
        for (section, _) in HEADINGS {
            // A record that cannot be read stands there as its error.
            match self.records::<RData>(section) {
                Ok(records) => message.field(&format!("{section:?}"), &records),
                Err(error) => message.field(&format!("{section:?}"), &error),
            };
        }
        message.finish()
    }
}
