//! Writes the checks of `src/lib.rs`: the Rust side and the C side of each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use quote::{ToTokens, format_ident, quote};

/// Types that the headers declare without saying what is in them: they have no
/// size to compare. They are only ever used behind a pointer.
const INCOMPLETE: &[&str] = &[
    "apattern",
    "ares_channeldata",
    "ares_channel_t",
    "ares_dns_qd",
    "ares_dns_qd_t",
    "ares_dns_record",
    "ares_dns_record_t",
    "ares_dns_rr",
    "ares_dns_rr_t",
];

/// What C calls `struct NAME` and Rust takes from `libc`.
const SYSTEM_STRUCTS: &[&str] = &["hostent", "in_addr", "iovec", "sockaddr", "timeval"];

/// What Rust takes from `libc` under the name that C has for it.
const SYSTEM_TYPES: &[&str] = &["fd_set", "socklen_t", "ssize_t"];

/// String constants: not C values that can be compared byte by byte. They
/// have a test of their own in `src/lib.rs`.
const STRINGS: &[&str] = &["ARES_COPYRIGHT", "ARES_VERSION_STR"];

fn main() {
    let include = PathBuf::from(exported("INCLUDE"));
    for name in ["ROOT", "VERSION", "LINKAGE"] {
        println!("cargo::rustc-env=C_ARES_{name}={}", exported(name));
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let sys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../c-ares-sys/src");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/macros.c");
    println!("cargo::rerun-if-changed={}", sys.display());
    println!("cargo::rerun-if-changed={}", include.display());
    println!("cargo::rustc-env=C_ARES_INCLUDE={}", include.display());

    let mut items = items(&sys.join("platform.rs"));
    items.extend(self::items(&sys.join("bindings.rs")));
    let signatures = signatures(&items);
    let write = |name: &str, text: &str| {
        let path = out.join(name);
        fs::write(&path, text).expect("OUT_DIR is writable");
        path
    };
    write("signatures.rs", &signatures.rust);
    write("signatures.h", &signatures.c);
    let placeholders = placeholders();
    let interface = quote!(use core::ffi::c_int; #placeholders #(#items)*).to_string();
    let interface = write("interface.rs", &(interface + &signatures.rust));

    let mut tests = ctest::TestGenerator::new();
    tests
        .header("ares.h")
        .header("signatures.h")
        .include(&include)
        .include(&out)
        .define("CARES_STATICLIB", None)
        .edition(2024)
        .skip_private(true)
        .rename_type(|name| {
            SYSTEM_STRUCTS
                .contains(&name)
                .then(|| format!("struct {name}"))
        })
        // The one struct that is a typedef without a tag.
        .rename_struct_ty(|name| (name == "ares_fd_events_t").then(|| name.to_owned()))
        .rename_union_ty(anonymous_union)
        .skip_struct(|item| INCOMPLETE.contains(&item.ident()))
        // `c_enum` is ours: C has no name for it. What is built on it is checked.
        .skip_alias(|item| INCOMPLETE.contains(&item.ident()) || item.ident() == "c_enum")
        .skip_const(|item| STRINGS.contains(&item.ident()));
    ctest::generate_test(&mut tests, &interface, "abi.rs")
        .unwrap_or_else(|error| panic!("could not write the ABI tests: {error}"));

    cc::Build::new()
        .file("src/macros.c")
        .include(&include)
        .define("CARES_STATICLIB", None)
        .compile("systest_macros");
}

/// What `c-ares-sys` says about the library that it linked.
fn exported(name: &str) -> String {
    std::env::var(format!("DEP_CARES_{name}"))
        .unwrap_or_else(|_| panic!("c-ares-sys does not export {name}"))
}

/// The items of one source file of `c-ares-sys`, without its imports: `ctest`
/// has the compiler expand the file by itself, where it has no `libc`.
fn items(path: &Path) -> Vec<syn::Item> {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("could not read {}: {error}", path.display()));
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let is_import = |item: &syn::Item| matches!(item, syn::Item::Use(_) | syn::Item::Mod(_));
    file.items
        .into_iter()
        .filter(|item| !is_import(item))
        .collect()
}

/// Names for what was imported. They are private, so `ctest` leaves them alone,
/// and it never asks what is behind them.
fn placeholders() -> impl ToTokens {
    let names = SYSTEM_STRUCTS.iter().chain(SYSTEM_TYPES);
    let names = names.map(|name| format_ident!("{name}"));
    quote!(#(type #names = ();)*)
}

/// How C can speak of a union that has no name.
fn anonymous_union(name: &str) -> Option<String> {
    let owner = name.strip_suffix("__bindgen_ty_1")?;
    let field = if owner == "ares_in6_addr" {
        "_S6_un"
    } else {
        "addr"
    };
    Some(format!("__typeof__(((struct {owner} *)0)->{field})"))
}

/// One struct, once in each language, with a field for each function and each
/// callback type.
struct Signatures {
    rust: String,
    c: String,
}

/// Declares that struct.
///
/// `ctest` compares the address of a function in both languages, but not its
/// parameters. It does compare the types of fields: so every function becomes a
/// field that is a pointer to it, with the type of the Rust declaration on one side
/// and `__typeof__` of the C declaration on the other.
fn signatures(items: &[syn::Item]) -> Signatures {
    let mut rust = quote!();
    let mut c = String::from("struct ctest_signatures {\n");
    let mut seen = BTreeSet::new();
    for item in items {
        match item {
            syn::Item::ForeignMod(block) => {
                for item in &block.items {
                    let syn::ForeignItem::Fn(function) = item else {
                        panic!("neither type nor function: {}", item.to_token_stream());
                    };
                    let syn::Signature {
                        ident,
                        inputs,
                        output,
                        ..
                    } = &function.sig;
                    assert!(seen.insert(ident.to_string()), "{ident} is declared twice");
                    rust.extend(quote!(pub #ident: Option<unsafe extern "C" fn(#inputs) #output>,));
                    c += &format!("  __typeof__({ident}) *{ident};\n");
                }
            }
            syn::Item::Type(alias) if alias.ty.to_token_stream().to_string().contains("fn") => {
                let (name, field, ty) = (
                    &alias.ident,
                    format_ident!("type_{}", alias.ident),
                    &alias.ty,
                );
                rust.extend(quote!(pub #field: #ty,));
                c += &format!("  {name} {field};\n");
            }
            _ => {}
        }
    }
    c += "};\n";
    let rust = quote! {
        #[repr(C)]
        pub struct ctest_signatures { #rust }
    };
    Signatures {
        rust: rust.to_string(),
        c,
    }
}
