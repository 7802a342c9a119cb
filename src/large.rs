//! Closures that hold much.

/// From this size on, in bytes, a closure goes through the layer in a box.
pub(crate) const LARGE: usize = 1024;

/// Calls a function with a closure, in a box if it is large: each function on its way moves it, and
/// has room for a copy on the stack. Others need no box of their own: they are in one with
/// their query.
macro_rules! boxed_if_large {
    ($closure:ident: $told:ty => $this:ident.$function:ident($($argument:expr),*)) => {
        if size_of_val(&$closure) < $crate::large::LARGE {
            $this.$function($($argument,)* $closure)
        } else {
            let boxed: Box<dyn FnOnce($told) + Send> = Box::new($closure);
            $this.$function($($argument,)* boxed)
        }
    };
}

pub(crate) use boxed_if_large;
