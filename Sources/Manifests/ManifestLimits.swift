/// How much a manifest may ask for before it is refused, and how long the directory waits for what is not complete.
struct ManifestLimits: Sendable {
    /// The longest file that is read, in bytes; ten thousand Services take about five million.
    var fileBytesMax = 64 * 1024 * 1024

    /// How long a file that is open for writing is left alone after the last write.
    var unclosedWriteWait: Duration = .seconds(5)

    /// How long a file may be away before it counts as deleted; editors move a file away and write it anew.
    var removalWait: Duration = .milliseconds(200)

    /// How long files may be missing after the directory itself was replaced, while the new one is being filled.
    var replacementWait: Duration = .seconds(5)

    /// How old the last write must be before a file is read whose closing may have gone unseen.
    var quietWait: Duration = .milliseconds(100)

    /// How often a directory that has vanished is looked for, and symbolic links are followed again.
    var pollInterval: Duration = .seconds(1)

    /// How deep lists and objects may be nested; Kubernetes objects stay below twenty.
    static let depthMax = 100

    /// How many values aliases may repeat in one document, so that ten lines cannot stand for a billion values.
    static let nodesFromAliasesMax = 1_000_000

    /// How many problems and how many notices of one file are reported in full.
    static let reportsPerFileMax = 100
}
