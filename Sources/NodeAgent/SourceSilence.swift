/// The source has not told everything in the time that somebody waits who asks for it once.
struct SourceSilence: Error, CustomStringConvertible {
    /// How long to wait.
    static let patience = Duration.seconds(60)

    var description: String {
        "no complete list of Services and endpoints has arrived within \(Self.patience.components.seconds) s; the lines "
            + "above say why, and nothing was changed"
    }
}
