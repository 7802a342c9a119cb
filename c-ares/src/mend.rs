//! What no caller of c-ares can protect itself from, and how the library is compiled
//! without it: a file of our own in place of one of the tree's.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::source::Tree;

struct Mend {
    /// The file of the tree, from its `src/lib`.
    file: &'static str,
    /// What is compiled in its place. Where that includes the file, the file's text is put
    /// in, so that who reads it sees all of it, as the plan of the unit must.
    text: &'static str,
    /// The word without which the file is not what was mended.
    word: &'static str,
    /// What is mended.
    what: &'static str,
}

const MENDS: &[Mend] = &[
    Mend {
        file: "event/ares_event_configchg.c",
        text: include_str!("mend/config_monitor.c"),
        word: "ares_event_configchg_init",
        what: "what watches the system's configuration",
    },
    Mend {
        file: "ares_search.c",
        text: include_str!("mend/search_twice.c"),
        word: "ares_send_nolock",
        what: "the search, which ends twice where a name cannot be sent,",
    },
    Mend {
        file: "ares_hosts_file.c",
        text: include_str!("mend/hosts_no_memory.c"),
        word: "ares_htable_strvp_insert",
        what: "the hosts file, whose entries are freed twice without memory,",
    },
    Mend {
        file: "record/ares_dns_write.c",
        text: include_str!("mend/sent_pointers.c"),
        word: "ares_dns_write_buf_tcp",
        what: "how messages are written, whose names point to the wrong place when they are sent,",
    },
];

/// Puts our files in place of the tree's. They are written below `dir`.
pub(crate) fn apply(files: &mut [PathBuf], tree: &Tree, dir: &Path) -> Result<(), Error> {
    for mend in MENDS {
        let original = tree.lib_dir().join(mend.file);
        let place = files.iter_mut().find(|file| **file == original);
        let text = match &place {
            Some(_) => {
                std::fs::read_to_string(&original).map_err(|e| Error::io("read", &original, &e))?
            }
            None => String::new(),
        };
        let (Some(place), true) = (place, text.contains(mend.word)) else {
            return Err(Error::new(format!(
                "c-ares {} has no {} with {}: {} has moved, and cannot be mended",
                tree.version(),
                original.display(),
                mend.word,
                mend.what
            )));
        };
        let include = format!("#include \"{}\"\n", mend.file);
        let text = format!("#line 1 \"{}\"\n{text}", mend.file);
        let ours = dir.join(original.file_name().unwrap_or_default());
        std::fs::create_dir_all(dir)
            .and_then(|()| std::fs::write(&ours, mend.text.replace(&include, &text)))
            .map_err(|e| Error::io("write", &ours, &e))?;
        *place = ours;
    }
    Ok(())
}
