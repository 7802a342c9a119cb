//! The compile itself.

use std::path::{Path, PathBuf};

use crate::source::{self, Tree};
use crate::unit::Plan;
use crate::{Artifacts, Build, Error, Version, config, makefile, mend};

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

    let mut files = makefile::sources(&tree.lib_dir())?;
    if build.mended {
        mend::apply(&mut files, &tree, &dirs.root.join("mended"))?;
    }
    let unit = if build.one_unit {
        compile_unit(&compiler, &tree, &files, &dirs, &mut warnings)?
    } else {
        None
    };
    let (objects, alone) = match unit {
        Some((objects, alone)) => (objects, Some(alone)),
        None => (compile_each(&compiler, &tree, &files)?, None),
    };
    let objects = plain_names(objects)?;
    // `cc` would print the instructions to link at once; `Artifacts` does so
    // when it is asked.
    let _ = compiler.try_get_archiver(); // for the instructions to watch AR
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
        tree,
        include_dir: dirs.include,
        lib_dir: dirs.lib,
        system_libs: system_libs(&target),
        alone,
        warnings,
    })
}

/// Compiles what can share a unit as one, and the other files beside it:
/// the objects, and the files that stood alone. `None`, and a warning, when the
/// compiler refuses.
#[allow(clippy::type_complexity, reason = "used once")]
fn compile_unit(
    compiler: &cc::Build,
    tree: &Tree,
    files: &[PathBuf],
    dirs: &Dirs,
    warnings: &mut Vec<String>,
) -> Result<Option<(Vec<PathBuf>, Vec<PathBuf>)>, Error> {
    let plan = Plan::new(files)?;
    let unit = dirs.root.join("unit.c");
    std::fs::write(&unit, plan.text(&tree.lib_dir())).map_err(|e| Error::io("write", &unit, &e))?;
    let alone: Vec<PathBuf> = plan.alone.into_iter().map(|(file, _)| file).collect();
    let objects = compiler
        .clone()
        .file(&unit)
        .files(&alone)
        .try_compile_intermediates();
    if let Ok(objects) = objects {
        return Ok(Some((objects, alone)));
    }
    let complaint = complaint(compiler, &unit);
    let first = complaint.lines().find(|line| line.contains("error"));
    warnings.push(format!(
        "the C files of c-ares do not compile as one unit ({}); they are compiled one by one, \
         which makes a slower library",
        first.unwrap_or("the compiler does not say why")
    ));
    Ok(None)
}

fn compile_each(
    compiler: &cc::Build,
    tree: &Tree,
    files: &[PathBuf],
) -> Result<Vec<PathBuf>, Error> {
    let compiled = compiler.clone().files(files).try_compile_intermediates();
    compiled.map_err(|error| {
        let complaint = files
            .iter()
            .map(|file| complaint(compiler, file))
            .find(|complaint| complaint.contains("error"))
            .unwrap_or_else(|| error.to_string());
        let missing = complaint.contains("file not found") || complaint.contains("No such file");
        let remedy = if missing {
            "If that is a header of the system, install the development files of the C library \
             (Debian: `apt-get install libc6-dev`)."
        } else {
            "If CC or CFLAGS are set, try without them."
        };
        let complaint: Vec<_> = complaint.lines().take(12).collect();
        Error::new(format!(
            "the C files of c-ares {} in {} do not compile:\n{}\n{remedy}",
            tree.version(),
            tree.root().display(),
            complaint.join("\n")
        ))
    })
}

/// Takes from the objects' names the hash of a folder that `cc` puts before them: they
/// stand in the archive, which is to be the same wherever it was built.
fn plain_names(mut objects: Vec<PathBuf>) -> Result<Vec<PathBuf>, Error> {
    let plain = |object: &PathBuf| {
        let name = object.file_name()?.to_str()?;
        Some(object.with_file_name(name.split_once('-')?.1))
    };
    let mut names: Vec<_> = objects.iter().filter_map(plain).collect();
    let all = names.clone();
    names.sort();
    names.dedup();
    if names.len() == objects.len() {
        for (object, name) in objects.iter_mut().zip(all) {
            std::fs::rename(&*object, &name).map_err(|e| Error::io("rename", object, &e))?;
            *object = name;
        }
    }
    Ok(objects)
}

/// What the compiler has to say about a file.
fn complaint(compiler: &cc::Build, file: &Path) -> String {
    let Ok(tool) = compiler.try_get_compiler() else {
        return String::new();
    };
    let check = if tool.is_like_msvc() {
        "/Zs"
    } else {
        "-fsyntax-only"
    };
    match tool.to_command().arg(check).arg(file).output() {
        Ok(output) => [output.stderr, output.stdout]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .concat(),
        Err(e) => format!("error: {e}"),
    }
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
        // What the compiler says of a failure is part of our error.
        .cargo_warnings(build.warnings)
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
        if !build.dll {
            compiler.define("CARES_STATICLIB", None);
        }
    } else {
        compiler.flag_if_supported("-fvisibility=hidden");
        // What `assert` says of a file is not where it lay on this machine.
        compiler.flag_if_supported(format!(
            "-fmacro-prefix-map={}=c-ares",
            tree.root().display()
        ));
        // Only ELF lets another library take a function's place.
        if !target.contains("apple") {
            compiler.flag_if_supported("-fno-semantic-interposition");
        }
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
