/// Something that brings a cluster's Services to the kernel of the calling thread's namespace.
protocol SyncSubject: AnyObject {
    /// What reports call it.
    var name: String { get }

    /// Brings the whole cluster to the kernel, which holds nothing of the subject.
    func programCold() throws -> SyncSample

    /// Does what the subject does when it starts anew while the kernel holds everything already.
    func programAgain() throws -> SyncSample

    /// Brings changes to the kernel, in one transaction.
    func program(_ changes: [ClusterChange]) throws -> SyncSample

    /// Does what the subject would do later, and what is not measured.
    func tidy() throws

    /// Removes everything from the kernel, so that `programCold` may follow.
    func removeAll() throws

    /// Checks that the kernel holds as many objects as it should.
    func check() throws

    /// Measures what the subject does besides a transaction at every sync; nil when there is no such thing.
    func listing() throws -> SyncSample?

    /// Ends what works for the subject.
    func stop()
}

extension SyncSubject {
    func tidy() throws {}

    func listing() throws -> SyncSample? { nil }

    func stop() {}
}

/// What one sync took.
struct SyncSample {
    /// When the subject knew of the change.
    let began: ContinuousClock.Instant
    /// From then to the kernel's acknowledgement.
    let duration: Duration
    /// The time on processors, of the subject and of the kernel for it.
    let processorTime: Duration
    /// The most memory in RAM meanwhile, in bytes; nil when it is not known.
    var peakBytes: Int?
}
