internal import KubernetesAPI

/// What a source has to tell, gathered until its reader asks: one change of each object, the last one.
struct PendingNews {
    private var changes: [ObjectChange] = []
    private var places: [ObjectReference: Int] = [:]
    private var problems: [Subject: [ObjectProblem]] = [:]
    private var notices: [Subject: [ObjectNotice]] = [:]
    private var appeared: Set<ObjectProblem> = []
    private var cleared: Set<ObjectProblem> = []
    private var fresh: [ObjectNotice] = []

    /// What there can be something wrong with.
    enum Subject: Hashable {
        case object(ObjectReference)
        case resource(String)
    }

    /// Whether there is nothing to tell.
    var isEmpty: Bool { changes.isEmpty && appeared.isEmpty && cleared.isEmpty && fresh.isEmpty }

    /// Notes a change, in place of an earlier one of the same object.
    mutating func add(_ change: ObjectChange) {
        let reference = change.reference
        if let place = places[reference] {
            changes[place] = change
        } else {
            places[reference] = changes.count
            changes.append(change)
        }
    }

    /// Says all that is wrong with a subject, in place of what was said before.
    mutating func report(_ subject: Subject, _ new: [ObjectProblem]) {
        let old = problems[subject] ?? []
        if old == new { return }
        for problem in Set(old).subtracting(new) where appeared.remove(problem) == nil { cleared.insert(problem) }
        for problem in Set(new).subtracting(old) where cleared.remove(problem) == nil { appeared.insert(problem) }
        problems[subject] = new.isEmpty ? nil : new
    }

    /// Says what is worth a quiet line about a subject, unless it was said before.
    mutating func notice(_ subject: Subject, _ new: [ObjectNotice]) {
        if notices[subject] ?? [] == new { return }
        fresh += Set(new).subtracting(notices[subject] ?? [])
        notices[subject] = new.isEmpty ? nil : new
    }

    /// Hands out what there is to tell; changes only if they are wanted.
    mutating func take(withChanges: Bool) -> SourceNews {
        var news = SourceNews()
        if withChanges {
            news.changes = changes
            // New ones, so that the memory of a first list is given back.
            changes = []
            places = [:]
        }
        news.appeared = appeared.sorted()
        news.cleared = cleared.sorted()
        news.notices = fresh.sorted()
        appeared = []
        cleared = []
        fresh = []
        return news
    }
}
