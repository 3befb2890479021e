/// What identifies this build.
package enum GatewayBuild {
    /// The version that `--version` and the metrics tell.
    package static let version = "0.1.0"
}
