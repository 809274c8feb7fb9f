//! Which Windows containers a Windows host runs.

/// The start of Windows Server 2022, from which on hosts also run older containers.
const LTSC_2022: u16 = 20348;

/// The builds of the long-term releases whose containers later hosts run, oldest first: Windows
/// Server 2022 and 2025.
const STABLE_BUILDS: [u16; 2] = [LTSC_2022, 26100];

/// `major.minor.build` of a Windows version such as `10.0.17763.1817`; the revision does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WindowsVersion {
    major: u8,
    minor: u8,
    build: u16,
}

impl WindowsVersion {
    /// Reads a version; `None` if it is malformed or all zero, which says nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            // Rust would also read a sign.
            part.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some(part)
        });
        let major = parts.next()??.parse().ok()?;
        let minor = parts.next()??.parse().ok()?;
        let build = parts.next()??.parse().ok()?;
        let version = Self {
            major,
            minor,
            build,
        };
        (version
            != Self {
                major: 0,
                minor: 0,
                build: 0,
            })
        .then_some(version)
    }

    /// Whether a host of this version runs `container` (Microsoft's "Windows container version
    /// compatibility"; containerd/platforms, `platform_windows_compat.go`). Before Windows Server
    /// 2022 the builds must be equal; from then on everything from the long-term release before the
    /// host's up to the host's own build runs.
    pub(super) fn runs(self, container: Self) -> bool {
        if (self.major, self.minor) != (container.major, container.minor) {
            return false;
        }
        if self.build < LTSC_2022 {
            return self.build == container.build;
        }
        let before = STABLE_BUILDS
            .into_iter()
            .rev()
            .find(|stable| self.build > *stable);
        (before.unwrap_or(LTSC_2022)..=self.build).contains(&container.build)
    }
}
