//! The compile itself.

use std::path::{Path, PathBuf};

use crate::source::{self, Tree};
use crate::unit::Plan;
use crate::{Artifacts, Build, Error, Version, config, makefile};

pub(crate) fn compile(build: &Build) -> Result<Artifacts, Error> {
    let setting = |value: &Option<String>, name: &str| {
        value.clone().ok_or_else(|| {
            Error::new(format!(
                "{name} is not set: outside of a build script, name the {} with a setter of `Build`",
                name.to_lowercase()
            ))
        })
    };
    let target = setting(&build.target, "TARGET")?;
    let host = setting(&build.host, "HOST")?;
    let out_dir = build.out_dir.clone().ok_or_else(|| {
        Error::new("OUT_DIR is not set: outside of a build script, call `Build::out_dir`")
    })?;

    build.tell_cargo(format_args!(
        "rerun-if-env-changed={}",
        source::SOURCE_DIR_VARIABLE
    ));
    let tree = build.search.locate()?;
    for path in tree.watched() {
        build.tell_cargo(format_args!("rerun-if-changed={}", path.display()));
    }
    let mut warnings = Vec::new();
    if tree.version() > Version::SUPPORTED {
        warnings.push(format!(
            "building c-ares {} from {}: this crate was made for, and tested with, {}",
            tree.version(),
            tree.root().display(),
            Version::SUPPORTED
        ));
    }

    let dirs = Dirs::create(&out_dir)?;
    let compiler = compiler(build, &target, &host, &tree, &dirs);
    check(&compiler)?;
    config::write(&target, &compiler, &dirs.config)
        .map_err(|e| Error::new(format!("could not configure c-ares for {target}: {e}")))?;
    install_headers(&tree, &dirs)?;

    let files = makefile::sources(&tree.lib_dir())?;
    let mut alone = None;
    let mut objects = None;
    if build.one_unit {
        let plan = Plan::new(&files)?;
        let unit = dirs.root.join("unit.c");
        write(&unit, &plan.text(&tree.lib_dir()))?;
        let single: Vec<PathBuf> = plan.alone.into_iter().map(|(file, _)| file).collect();
        let mut attempt = compiler.clone();
        attempt.cargo_warnings(false).file(&unit).files(&single);
        match attempt.try_compile_intermediates() {
            Ok(compiled) => {
                objects = Some(compiled);
                alone = Some(single);
            }
            Err(error) => warnings.push(format!(
                "the C files of c-ares do not compile as one unit, so they are compiled one by \
                 one, which makes a slower library: {}",
                first_line(&error.to_string())
            )),
        }
    }
    let objects = match objects {
        Some(objects) => objects,
        None => compiler
            .clone()
            .files(&files)
            .try_compile_intermediates()
            .map_err(|e| Error::new(format!("the C files of c-ares do not compile: {e}")))?,
    };
    // `cc` would print the instructions to link at once; `Artifacts` does so
    // when it is asked.
    compiler
        .clone()
        .cargo_metadata(false)
        .out_dir(&dirs.lib)
        .objects(objects)
        .try_compile("cares")
        .map_err(|e| Error::new(format!("could not write the static library: {e}")))?;

    for warning in &warnings {
        build.tell_cargo(format_args!("warning={warning}"));
    }
    Ok(Artifacts {
        include_dir: dirs.include,
        lib_dir: dirs.lib,
        version: tree.version(),
        system_libs: system_libs(&target),
        alone,
        warnings,
    })
}

/// The folders below the output folder.
struct Dirs {
    root: PathBuf,
    /// The headers that only the C files include.
    config: PathBuf,
    /// The public headers.
    include: PathBuf,
    objects: PathBuf,
    lib: PathBuf,
}

impl Dirs {
    fn create(out_dir: &Path) -> Result<Self, Error> {
        let root = out_dir.join("c-ares");
        let dirs = Self {
            config: root.join("config"),
            include: root.join("include"),
            objects: root.join("objects"),
            lib: root.join("lib"),
            root,
        };
        for dir in [&dirs.config, &dirs.include, &dirs.objects, &dirs.lib] {
            std::fs::create_dir_all(dir).map_err(|e| Error::io("create", dir, &e))?;
        }
        Ok(dirs)
    }
}

/// The compiler with everything that the C files need.
fn compiler(build: &Build, target: &str, host: &str, tree: &Tree, dirs: &Dirs) -> cc::Build {
    let mut compiler = cc::Build::new();
    compiler
        .target(target)
        .host(host)
        .out_dir(&dirs.objects)
        .cargo_metadata(build.cargo_metadata)
        .warnings(build.warnings)
        .extra_warnings(build.warnings)
        // A debug build of somebody's program is no reason for a slow library.
        .opt_level(3);
    // In a build script, `cc` follows the profile by itself.
    if let Some(debug) = build
        .debug
        .or(std::env::var_os("DEBUG").is_none().then_some(false))
    {
        compiler.debug(debug);
    }
    if let Some(program) = &build.compiler {
        compiler.compiler(program);
    }
    compiler
        .include(&dirs.config)
        // Not the tree's own folder: there a configured tree has an
        // `ares_build.h`, which would win over ours.
        .include(&dirs.include)
        .include(tree.lib_dir())
        .include(tree.lib_dir().join("include"))
        .define("HAVE_CONFIG_H", "1")
        .define("CARES_BUILDING_LIBRARY", None);
    for (name, value) in config::definitions(target) {
        compiler.define(name, *value);
    }
    if target.contains("windows") {
        compiler.define("CARES_STATICLIB", None);
    } else {
        compiler
            .flag_if_supported("-fvisibility=hidden")
            .flag_if_supported("-fno-semantic-interposition");
    }
    for flag in &build.flags {
        compiler.flag(flag);
    }
    compiler
}

/// Fails unless there is a compiler that starts.
fn check(compiler: &cc::Build) -> Result<(), Error> {
    let none = |what: &str, why: &str| {
        Error::new(format!(
            "no C compiler: {what} cannot be started: {why}\n\
             Install one (Debian: `apt-get install gcc libc6-dev`; macOS: `xcode-select \
             --install`; Windows: the Visual Studio Build Tools), or name one in the environment \
             variable CC. It is the only tool that c-ares needs."
        ))
    };
    let tool = compiler
        .try_get_compiler()
        .map_err(|e| none("the usual one", &e.to_string()))?;
    // Without a file it complains, but it starts.
    match tool.to_command().output() {
        Ok(_) => Ok(()),
        Err(e) => Err(none(&tool.path().display().to_string(), &e.to_string())),
    }
}

/// Copies the public headers beside the written `ares_build.h`.
fn install_headers(tree: &Tree, dirs: &Dirs) -> Result<(), Error> {
    let from = tree.root().join("include");
    let entries = std::fs::read_dir(&from).map_err(|e| Error::io("read", &from, &e))?;
    for entry in entries {
        let path = entry.map_err(|e| Error::io("read", &from, &e))?.path();
        let is_header = path.extension().is_some_and(|extension| extension == "h");
        if let Some(name) = path.file_name().filter(|_| is_header) {
            copy(&path, &dirs.include.join(name))?;
        }
    }
    copy(
        &dirs.config.join("ares_build.h"),
        &dirs.include.join("ares_build.h"),
    )
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let bytes = std::fs::read(from).map_err(|e| Error::io("read", from, &e))?;
    std::fs::write(to, bytes).map_err(|e| Error::io("write", to, &e))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|e| Error::io("write", path, &e))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

/// What must be linked beside the static library.
fn system_libs(target: &str) -> &'static [&'static str] {
    if target.contains("windows") {
        &["ws2_32", "advapi32", "iphlpapi"]
    } else if target.contains("apple") {
        &["resolv"]
    } else if target.contains("android") || target.contains("musl") {
        // Threads are in the C library, and there is no other to name.
        &[]
    } else {
        &["pthread"]
    }
}
