internal import KubernetesAPI

/// Which file gives which object, and who wins where several give the same one.
///
/// The first by path and then by place in the file wins; when it goes, the next takes over.
struct ObjectClaims {
    private struct Claim: Comparable {
        let file: String
        let index: Int

        static func < (left: Claim, right: Claim) -> Bool {
            left.file == right.file ? left.index < right.index : left.file < right.file
        }
    }

    private var objects: [String: [KubernetesObject]] = [:]
    private var claims: [ObjectReference: [Claim]] = [:]
    /// The winners, before the changes that were not taken yet, of all objects that these may concern.
    private var before: [ObjectReference: KubernetesObject?] = [:]

    /// The objects that a file gives at present.
    func objects(in file: String) -> [KubernetesObject] { objects[file] ?? [] }

    /// Puts the objects that a file gives in place of those that it gave.
    mutating func replace(_ file: String, with new: [KubernetesObject]) {
        for object in objects[file] ?? [] {
            let reference = object.reference
            noteWinner(of: reference)
            claims[reference]?.removeAll { $0.file == file }
            if claims[reference]?.isEmpty == true { claims[reference] = nil }
        }
        for object in new { noteWinner(of: object.reference) }
        objects[file] = new.isEmpty ? nil : new
        for (index, object) in new.enumerated() {
            let claim = Claim(file: file, index: index)
            var rivals = claims[object.reference] ?? []
            rivals.insert(claim, at: rivals.firstIndex { $0 > claim } ?? rivals.endIndex)
            claims[object.reference] = rivals
        }
    }

    /// What has changed since the last call, and for each object concerned those that lost it.
    mutating func takeChanges() -> (changes: [ObjectChange], rivalries: [(ObjectReference, [ObjectProblem])]) {
        var removed: [ObjectReference] = []
        var applied: [(claim: Claim, object: KubernetesObject)] = []
        var rivalries: [(ObjectReference, [ObjectProblem])] = []
        for (reference, earlier) in before {
            rivalries.append((reference, losers(of: reference)))
            if let claim = claims[reference]?.first, let object = object(of: claim) {
                if earlier.map({ $0.differs(from: object) }) ?? true { applied.append((claim, object)) }
            } else if earlier != nil {
                removed.append(reference)
            }
        }
        before = [:]
        removed.sort()
        applied.sort { $0.claim < $1.claim }
        return (removed.map(ObjectChange.removed) + applied.map { .applied($0.object) }, rivalries)
    }

    private mutating func noteWinner(of reference: ObjectReference) {
        if before[reference] == nil { before[reference] = .some(claims[reference]?.first.flatMap(object)) }
    }

    private func object(of claim: Claim) -> KubernetesObject? { objects[claim.file]?[claim.index] }

    private func losers(of reference: ObjectReference) -> [ObjectProblem] {
        guard let rivals = claims[reference], rivals.count > 1, let winner = object(of: rivals[0]) else { return [] }
        let place = winner.metadata.origin ?? rivals[0].file
        return rivals.dropFirst().map { rival in
            ObjectProblem(
                origin: object(of: rival)?.metadata.origin ?? rival.file,
                object: reference.description,
                message: "it is already defined in \(place), which counts; this one is left out"
            )
        }
    }
}

extension KubernetesObject {
    /// Whether this is another object than that, apart from where it was read.
    fileprivate func differs(from other: KubernetesObject) -> Bool {
        settingOrigin(to: nil) != other.settingOrigin(to: nil)
    }
}
