//! Names of machines.

/// The usual name of a machine (`e_machine`); `None` for one that no container image is made for.
#[must_use]
pub fn machine_name(machine: u16) -> Option<&'static str> {
    Some(match machine {
        2 => "SPARC",
        3 => "x86",
        4 => "m68k",
        8 => "MIPS",
        15 => "PA-RISC",
        20 => "PowerPC",
        21 => "PowerPC64",
        22 => "S/390",
        40 => "ARM",
        42 => "SuperH",
        43 => "SPARC V9",
        50 => "IA-64",
        62 => "x86-64",
        94 => "Xtensa",
        183 => "AArch64",
        189 => "MicroBlaze",
        243 => "RISC-V",
        247 => "BPF",
        252 => "C-SKY",
        258 => "LoongArch",
        0x9026 => "Alpha",
        _ => return None,
    })
}
