fn main() {
    println!("cargo::metadata=version=1.34.9");
    println!("cargo::metadata=linkage=vendored");
}
