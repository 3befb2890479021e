internal import KubernetesAPI

/// What there is to say at present about each subject, and how that differs from what was said.
struct ReportLedger {
    /// What a report is about.
    enum Subject: Hashable {
        case directory
        case folder(String)
        case file(String)
        case rivals(ObjectReference)
    }

    private var problems: [Subject: [ObjectProblem]] = [:]
    private var notices: [Subject: [ObjectNotice]] = [:]
    private var appeared: Set<ObjectProblem> = []
    private var cleared: Set<ObjectProblem> = []
    private var fresh: Set<ObjectNotice> = []

    /// Says all that there is to say about a subject, in place of what was said.
    mutating func report(
        _ subject: Subject,
        problems new: [ObjectProblem] = [],
        notices newNotices: [ObjectNotice] = []
    ) {
        let old = problems[subject] ?? []
        if old != new {
            for problem in Set(old).subtracting(new) where appeared.remove(problem) == nil { cleared.insert(problem) }
            for problem in Set(new).subtracting(old) where cleared.remove(problem) == nil { appeared.insert(problem) }
            problems[subject] = new.isEmpty ? nil : new
        }
        let oldNotices = notices[subject] ?? []
        if oldNotices != newNotices {
            fresh.formUnion(Set(newNotices).subtracting(oldNotices))
            notices[subject] = newNotices.isEmpty ? nil : newNotices
        }
    }

    /// Fills in what is different since the last call.
    mutating func take(into changes: inout ManifestChanges) {
        changes.appeared = appeared.sorted()
        changes.cleared = cleared.sorted()
        changes.notices = fresh.sorted()
        appeared = []
        cleared = []
        fresh = []
    }
}
