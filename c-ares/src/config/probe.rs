//! Questions to the compiler: compiled, never linked or run, so that they work
//! when cross compiling.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};

/// Asks a compiler what the headers of its target declare.
pub(super) struct Probe<'a> {
    compiler: cc::Build,
    dir: &'a Path,
    answers: HashMap<String, bool>,
    /// Whether the compiler was seen to compile something.
    works: bool,
}

impl<'a> Probe<'a> {
    /// Asks `compiler`, with files in `dir`.
    pub(super) fn new(compiler: cc::Build, dir: &'a Path) -> Self {
        Self {
            compiler,
            dir,
            answers: HashMap::new(),
            works: false,
        }
    }

    /// Whether there is such a header, and it declares the name, if one is given.
    pub(super) fn declares(&mut self, header: &str, name: Option<&str>) -> io::Result<bool> {
        // The bare name: a missing declaration is an error to every compiler,
        // where a call of it may be no more than a warning.
        let body = name.map_or(String::new(), |name| format!("(void)({name}); "));
        let source = format!("#include <{header}>\nint main(void) {{ {body}return 0; }}\n");
        if let Some(answer) = self.answers.get(&source) {
            return Ok(*answer);
        }
        let answer = self.run(&source)?.status.success();
        if !answer && !self.works {
            // A compiler that fails whatever it is asked also seems to say no.
            self.check()?;
        }
        self.works = true;
        self.answers.insert(source, answer);
        Ok(answer)
    }

    /// Fails when the compiler does not even take the smallest program.
    fn check(&self) -> io::Result<()> {
        let output = self.run("int main(void) { return 0; }\n")?;
        if !output.status.success() {
            return Err(io::Error::other(format!(
                "the C compiler does not compile the smallest program: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )));
        }
        Ok(())
    }

    fn run(&self, source: &str) -> io::Result<Output> {
        let file = self.dir.join("probe.c");
        let object = self.dir.join("probe.o");
        fs::write(&file, source)?;
        let tool = self.compiler.try_get_compiler().map_err(io::Error::other)?;
        let mut command = tool.to_command();
        command.arg("-c");
        if tool.is_like_msvc() {
            let mut output = OsString::from("-Fo");
            output.push(&object);
            command.arg(output);
        } else {
            command.arg("-o").arg(&object);
        }
        let output = command.arg(&file).stdin(Stdio::null()).output()?;
        for left in [file, object] {
            match fs::remove_file(left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(output)
    }
}
