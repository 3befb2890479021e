internal import CNetfilter
internal import Nftables

// Messages are written without looking at the end of their room, by libnftnl as by ourselves. What is checked here,
// before anything is written, is what makes the rooms of BatchEncoder and ElementEncoding large enough.

extension String {
    /// The most bytes of a name (`NFT_NAME_MAXLEN` counts a NUL).
    static let nameBytesMax = 255

    /// Whether the kernel can be told this name: it is not too long, and no NUL in it makes it another name.
    var isEncodableName: Bool { utf8.count <= Self.nameBytesMax && !utf8.contains(0) }
}

extension Transaction {
    /// The parts that must not be encoded: with names that are too long, with comments that the kernel would take and
    /// nft could not print, or with rules longer than an attribute.
    var unencodableParts: [OperationFailure] {
        var failures: [OperationFailure] = []
        for (index, operation) in operations.enumerated() {
            if !operation.names.allSatisfy(\.isEncodableName) {
                failures.append(OperationFailure(operation: index, reason: .outOfRange))
                continue
            }
            switch operation {
            case .addElements(_, _, let elements):
                for (number, element) in elements.enumerated() where !element.isEncodable {
                    failures.append(OperationFailure(operation: index, element: number, reason: .invalid))
                }
            case .addRule(_, _, let rule) where !rule.isEncodable:
                failures.append(OperationFailure(operation: index, reason: .invalid))
            default: break
            }
        }
        return failures
    }
}

extension Operation {
    /// The names that a message carries, besides those in rules and elements.
    fileprivate var names: [String] {
        switch self {
        case .addTable(let table), .deleteTable(let table), .flushRules(let table): [table.name]
        case .addChain(let table, let chain): [table.name, chain.name]
        case .addSet(let table, let set): [table.name, set.name]
        case .deleteChain(let table, let name), .deleteSet(let table, let name), .flushSet(let table, let name),
            .addRule(let table, let name, _), .addElements(let table, let name, _),
            .deleteElements(let table, let name, _):
            [table.name, name]
        }
    }
}

extension Element {
    fileprivate var isEncodable: Bool {
        guard (comment?.utf8.count ?? 0) <= Element.commentBytesMax else { return false }
        if case .verdict(let verdict) = value, let chain = verdict.target { return chain.isEncodableName }
        return true
    }
}

extension Rule {
    fileprivate var isEncodable: Bool {
        (comment?.utf8.count ?? 0) <= Element.commentBytesMax
            && statements.allSatisfy { $0.name?.isEncodableName ?? true }
            && expressionBytesMax <= Int(UInt16.max)
    }

    /// The most that the expressions can take in a message.
    ///
    /// Every field is loaded by one expression of at most 64 bytes. What is done with them takes 512 bytes at most:
    /// the longest is a lookup in a set with a name of 255 bytes, or a jump to such a chain, and a translation.
    var expressionBytesMax: Int { statements.reduce(0) { $0 + 512 + 64 * $1.fieldCount } }
}

extension Statement {
    /// The set or chain that the statement names.
    fileprivate var name: String? {
        switch self {
        case .member(_, of: let set, isMember: _), .verdictMap(_, let set), .destinationNAT(_, map: let set),
            .remember(_, value: _, map: let set, seconds: _), .forget(_, value: _, map: let set):
            set
        case .verdict(let verdict): verdict.target
        case .match, .masquerade, .reject, .setMarkBits, .flipMarkBits: nil
        }
    }

    fileprivate var fieldCount: Int {
        switch self {
        case .member(let fields, of: _, isMember: _), .verdictMap(let fields, _), .destinationNAT(let fields, map: _):
            fields.count
        case .remember(let fields, let value, map: _, seconds: _), .forget(let fields, let value, map: _):
            fields.count + value.count
        case .match, .setMarkBits, .flipMarkBits: 1
        case .verdict, .masquerade, .reject: 0
        }
    }
}
