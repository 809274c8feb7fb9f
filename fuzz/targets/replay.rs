//! Runs one target on one file: `replay TARGET PATH`.

use layerscope_fuzz::{TARGETS, run};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, path] = arguments.as_slice() else {
        panic!("usage: replay TARGET PATH");
    };
    let found = TARGETS.iter().find(|(one, _)| one == name);
    let (_, target) = found.unwrap_or_else(|| panic!("there is no target {name}"));
    run(*target, &std::fs::read(path).expect("the input"));
    println!("{name} has nothing to say against {path}");
}
