/// What identifies this build.
package enum AgentBuild {
    /// The version that `--version` and the metrics tell.
    package static let version = "0.1.0"

    /// What the log of an API server calls this program.
    package static let userAgent = "fairlead/\(version) (linux/\(architecture))"

    #if arch(x86_64)
    private static let architecture = "amd64"
    #elseif arch(arm64)
    private static let architecture = "arm64"
    #else
    private static let architecture = "unknown"
    #endif
}
