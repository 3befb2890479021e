internal import IngressDiscovery
internal import LinuxSystem
internal import Synchronization

/// Where the status thread asks the control thread for the objects as they stand.
///
/// A copy costs a few references, and the control thread pays for what it changes while the copy lives: so it is made
/// when somebody asks, and not at every change.
final class DirectoryDesk: Sendable {
    private struct State: Sendable {
        var isAsked = false
        var copy: DirectoryCopy?
    }

    private let state = Mutex(State())
    private let question: Wakeup
    private let answer: Wakeup

    init() throws(Errno) {
        question = try Wakeup()
        answer = try Wakeup()
    }

    // MARK: - For the one who asks

    /// Asks for a copy; nil when the control thread has no time for an answer within the limit.
    func ask(within limit: Duration) -> DirectoryCopy? {
        let deadline = ContinuousClock.now + limit
        state.withLock { $0 = State(isAsked: true) }
        question.ring()
        while true {
            let left = deadline - .now
            var waits = [Readiness(of: answer.descriptor, reading: true)]
            // A wait that fails is over, like one that took too long.
            let hasRung = left > .zero ? (try? Readiness.wait(for: &waits, timeout: left)) ?? false : false
            answer.answer()
            let copy = state.withLock { state in
                defer { state.copy = nil }
                if !hasRung { state.isAsked = false }
                return state.copy
            }
            // A ring without a copy was for an earlier question, which was given up.
            if copy != nil || !hasRung { return copy }
        }
    }

    // MARK: - For the control thread

    /// The descriptor that is readable when somebody asks.
    var descriptor: Int32 { question.descriptor }

    /// Answers whoever asks.
    func hand(out copy: DirectoryCopy) {
        question.answer()
        let isAsked = state.withLock { state in
            guard state.isAsked else { return false }
            state = State(isAsked: false, copy: copy)
            return true
        }
        if isAsked { answer.ring() }
    }
}

/// The objects as they stood at a moment.
struct DirectoryCopy: Sendable {
    /// The objects and what they come to.
    let directory: IngressDirectory
    /// The number of the tables that were made of them.
    let generation: UInt64
}
