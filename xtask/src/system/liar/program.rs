//! What a program sees whose c-ares is not the one it was built for.

fn main() {
    match c_ares::Channel::builder().build_threaded() {
        Ok(_) => println!("there is a channel"),
        Err(error) => println!("refused: {error}"),
    }
}
