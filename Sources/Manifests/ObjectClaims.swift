internal import KubernetesAPI

/// Which file gives which object, and who wins where several give the same one.
///
/// The first by path and then by place in the file wins; when it goes, the next takes over.
struct ObjectClaims {
    /// The place of an object: a file by its number, and the position in it.
    private struct Claim: Hashable {
        let file: UInt32
        let index: UInt32
    }

    /// The paths of files by number, and the numbers that no file has.
    private var paths: [String] = []
    private var free: [UInt32] = []
    private var numbers: [String: UInt32] = [:]
    private var objects: [UInt32: [KubernetesObject]] = [:]
    /// The places of objects by the hash of their reference: the one of nearly every object, and the others.
    ///
    /// A reference in place of its hash would take most of the memory that a directory of manifests needs beside the
    /// objects; what has the same hash by chance is told apart by looking at the object.
    private var firsts: [Int: Claim] = [:]
    private var others: [Int: [Claim]] = [:]
    /// The winners, before the changes that were not taken yet, of all objects that these may concern.
    private var before: [ObjectReference: KubernetesObject?] = [:]

    /// The objects that a file gives at present.
    func objects(in file: String) -> [KubernetesObject] { numbers[file].flatMap { objects[$0] } ?? [] }

    /// Puts the objects that a file gives in place of those that it gave.
    mutating func replace(_ file: String, with new: [KubernetesObject]) {
        let number = number(of: file)
        for (index, object) in (objects[number] ?? []).enumerated() {
            noteWinner(of: object.reference)
            remove(Claim(file: number, index: UInt32(index)), of: object.reference)
        }
        for object in new { noteWinner(of: object.reference) }
        objects[number] = new.isEmpty ? nil : new
        for (index, object) in new.enumerated() {
            insert(Claim(file: number, index: UInt32(index)), of: object.reference)
        }
        if new.isEmpty {
            numbers[file] = nil
            free.append(number)
        }
    }

    /// What has changed since the last call, and for each object concerned those that lost it.
    mutating func takeChanges() -> (changes: [ObjectChange], rivalries: [(ObjectReference, [ObjectProblem])]) {
        var removed: [ObjectReference] = []
        var applied: [(claim: Claim, object: KubernetesObject)] = []
        var rivalries: [(ObjectReference, [ObjectProblem])] = []
        for (reference, earlier) in before {
            rivalries.append((reference, losers(of: reference)))
            if let claim = claims(of: reference).first, let object = object(of: claim) {
                if earlier.map({ $0.differs(from: object) }) ?? true { applied.append((claim, object)) }
            } else if earlier != nil {
                removed.append(reference)
            }
        }
        before = [:]
        removed.sort()
        applied.sort { isBefore($0.claim, $1.claim) }
        return (removed.map(ObjectChange.removed) + applied.map { .applied($0.object) }, rivalries)
    }

    private mutating func noteWinner(of reference: ObjectReference) {
        if before[reference] == nil { before[reference] = .some(claims(of: reference).first.flatMap(object)) }
    }

    private func object(of claim: Claim) -> KubernetesObject? { objects[claim.file]?[Int(claim.index)] }

    private func losers(of reference: ObjectReference) -> [ObjectProblem] {
        let rivals = claims(of: reference)
        guard rivals.count > 1, let winner = object(of: rivals[0]) else { return [] }
        let place = winner.metadata.origin ?? paths[Int(rivals[0].file)]
        return rivals.dropFirst().map { rival in
            ObjectProblem(
                origin: object(of: rival)?.metadata.origin ?? paths[Int(rival.file)],
                object: reference.description,
                message: "it is already defined in \(place), which counts; this one is left out"
            )
        }
    }

    // MARK: - Places

    private mutating func number(of file: String) -> UInt32 {
        if let number = numbers[file] { return number }
        let number = free.popLast() ?? UInt32(paths.count)
        if Int(number) == paths.count { paths.append(file) } else { paths[Int(number)] = file }
        numbers[file] = number
        return number
    }

    /// The places of an object, the winner's first.
    private func claims(of reference: ObjectReference) -> [Claim] {
        let hash = reference.hashValue
        guard let first = firsts[hash] else { return [] }
        return ([first] + (others[hash] ?? [])).filter { object(of: $0)?.reference == reference }.sorted(by: isBefore)
    }

    private func isBefore(_ left: Claim, _ right: Claim) -> Bool {
        left.file == right.file ? left.index < right.index : paths[Int(left.file)] < paths[Int(right.file)]
    }

    private mutating func insert(_ claim: Claim, of reference: ObjectReference) {
        let hash = reference.hashValue
        if firsts[hash] == nil { firsts[hash] = claim } else { others[hash, default: []].append(claim) }
    }

    private mutating func remove(_ claim: Claim, of reference: ObjectReference) {
        let hash = reference.hashValue
        if firsts[hash] == claim {
            firsts[hash] = others[hash]?.popLast()
        } else {
            others[hash]?.removeAll { $0 == claim }
        }
        if others[hash]?.isEmpty == true { others[hash] = nil }
    }
}

extension KubernetesObject {
    /// Whether this is another object than that, apart from where it was read.
    fileprivate func differs(from other: KubernetesObject) -> Bool {
        settingOrigin(to: nil) != other.settingOrigin(to: nil)
    }
}
