internal import NetworkAddress

/// A table with its contents, written as `nft list table` of nft 1.0.6 writes it.
///
/// It differs in two things: every element has a line of its own, and a match that the next statement implies, such as
/// TCP before a TCP reset, is there.
package struct NftText {
    private let table: Table
    private var lines: [String] = []

    private init(_ table: Table) { self.table = table }

    /// Returns the text of a table that holds what the arguments list, in their order.
    package static func describing(
        _ table: Table,
        sets: [(declaration: SetDeclaration, elements: [Element])],
        chains: [(chain: Chain, rules: [Rule])]
    ) -> String {
        var text = NftText(table)
        text.lines.append("table \(table) {")
        for (declaration, elements) in sets { text.append(declaration, elements) }
        for (chain, rules) in chains { text.append(chain, rules) }
        if text.lines.last?.isEmpty == true { text.lines.removeLast() }
        text.lines.append("}")
        return text.lines.joined(separator: "\n") + "\n"
    }

    private mutating func append(_ set: SetDeclaration, _ elements: [Element]) {
        lines.append("\t\(set.content == .members ? "set" : "map") \(set.name) {")
        lines.append("\t\t" + set.nftTypes)
        switch set.form {
        case .plain: break
        case .ranges: lines.append("\t\tflags interval")
        case .dynamic(let elementsMax): lines += ["\t\tsize \(elementsMax)", "\t\tflags dynamic,timeout"]
        }
        if !elements.isEmpty {
            let texts = elements.map { set.nftText(of: $0) }
            lines.append("\t\telements = { " + texts.joined(separator: ",\n\t\t\t     ") + " }")
        }
        lines += ["\t}", ""]
    }

    private mutating func append(_ chain: Chain, _ rules: [Rule]) {
        lines.append("\tchain \(chain.name) {")
        if let base = chain.base {
            lines.append(
                "\t\ttype \(base.type.rawValue) hook \(base.hook.name) priority \(base.nftPriority); policy accept;"
            )
        }
        lines += rules.map { "\t\t" + $0.nftText(in: table.family) }
        lines += ["\t}", ""]
    }
}

extension BaseHook {
    /// The priority as nft prints it: by its distance from one of the names that the hook knows, if it is near one.
    fileprivate var nftPriority: String {
        var names: [(name: String, priority: Int32)] = [
            ("raw", -300), ("mangle", -150), ("filter", 0), ("security", 50),
        ]
        if hook == .prerouting { names.append(("dstnat", -100)) }
        if hook == .postrouting { names.append(("srcnat", 100)) }
        for (name, named) in names where (named - 10...named + 10).contains(priority) {
            if priority == named { return name }
            return priority > named ? "\(name) + \(priority - named)" : "\(name) - \(named - priority)"
        }
        return "\(priority)"
    }
}

extension IPPrefix {
    /// The range as nft prints it: one address alone goes without its length.
    fileprivate var nftText: String { length == family.addressBits ? "\(address)" : "\(self)" }
}

extension SetDeclaration {
    /// What the elements are made of, as nft prints it.
    fileprivate var nftTypes: String {
        func text(_ types: [DataType]) -> String {
            types.map { isTypedByExpressions ? $0.nftExpression : $0.nftName }.joined(separator: " . ")
        }
        let value =
            switch content {
            case .members: ""
            case .fields(let types): " : \(text(types))"
            case .verdicts: " : verdict"
            }
        return "\(isTypedByExpressions ? "typeof" : "type") \(text(key))\(value)"
    }

    /// An element of the set as nft prints it.
    package func nftText(of element: Element) -> String {
        var text = element.key.nftText(as: key)
        if case .upTo(let last) = element.value { text = element.key.nftText(upTo: last, as: key) }
        if let comment = element.comment { text += " comment \"\(comment)\"" }
        switch element.value {
        case .none, .upTo: break
        case .verdict(let verdict): text += " : \(verdict)"
        case .fields(let fields):
            guard case .fields(let types) = content else { break }
            text += " : \(fields.nftText(as: types))"
        }
        return text
    }
}

extension Rule {
    /// The rule as nft prints it in a table of the given family.
    package func nftText(in family: TableFamily) -> String {
        var parts = statements.map { $0.nftText(in: family) }
        if let comment { parts.append("comment \"\(comment)\"") }
        return parts.joined(separator: " ")
    }
}

extension Statement {
    /// The statement as nft prints it in a table of the given family.
    package func nftText(in family: TableFamily) -> String {
        switch self {
        case .match(let field, let comparison):
            return comparison.nftText(of: field, in: family)
        case .member(let fields, let set, let isMember):
            return "\(fields.nftText(in: family)) \(isMember ? "" : "!= ")@\(set)"
        case .verdictMap(let fields, let map):
            return "\(fields.nftText(in: family)) vmap @\(map)"
        case .verdict(let verdict):
            return verdict.description
        case .destinationNAT(let fields, let map):
            return "dnat \(family.rawValue) to \(fields.nftText(in: family)) map @\(map)"
        case .remember(let fields, let value, let map, let seconds):
            let key = fields.nftText(in: family)
            return "update @\(map) { \(key) timeout \(seconds)s : \(value.nftText(in: family)) }"
        case .forget(let fields, let value, let map):
            return "delete @\(map) { \(fields.nftText(in: family)) : \(value.nftText(in: family)) }"
        case .masquerade:
            return "masquerade fully-random"
        case .reject(.tcpReset):
            return "reject with tcp reset"
        case .reject(.portUnreachable):
            return "reject"
        case .setMarkBits(let bits):
            return "meta mark set meta mark | \(hexadecimal(bits))"
        case .flipMarkBits(let bits):
            return "meta mark set meta mark ^ \(hexadecimal(bits))"
        }
    }
}

extension Comparison {
    fileprivate func nftText(of field: Field, in family: TableFamily) -> String {
        let name = field.nftText(in: family)
        return switch (self, field) {
        case (.isIn(let prefix), _): "\(name) \(prefix.nftText)"
        case (.isNotIn(let prefix), _): "\(name) != \(prefix.nftText)"
        case (.equals(AddressType.local), .destinationAddressType), (.equals(AddressType.local), .sourceAddressType):
            "\(name) local"
        case (.isNamed(let interface), _): "\(name) \"\(interface)\""
        case (.isNamedLike(let prefix), _): "\(name) \"\(prefix)*\""
        case (.equals(let number), .transportProtocol): "\(name) \(protocolName(number))"
        case (.equals(let number), .destinationPort), (.equals(let number), .randomNumber): "\(name) \(number)"
        case (.equals(let number), _): "\(name) \(hexadecimal(number))"
        case (.hasAnyBit(ConnectionState.new), .connectionState): "\(name) new"
        case (.hasAnyBit(ConnectionStatus.destinationTranslated), .connectionStatus): "\(name) dnat"
        case (.hasAnyBit(let bits), _): "\(name) & \(hexadecimal(bits)) != 0x00000000"
        }
    }

    private func protocolName(_ number: UInt32) -> String {
        PackedFields(number: number).nftText(as: [.transportProtocol])
    }
}

extension NftText {
    /// Returns the text of the tables that a transaction makes from nothing; what it deletes does not matter.
    package static func describing(_ transaction: Transaction) -> String {
        var tables: [Table] = []
        var sets: [Table: [SetDeclaration]] = [:]
        var chains: [Table: [Chain]] = [:]
        var elements: [Table: [String: [Element]]] = [:]
        var rules: [Table: [String: [Rule]]] = [:]
        for operation in transaction.operations {
            switch operation {
            case .addTable(let table): tables.append(table)
            case .addSet(let table, let set): sets[table, default: []].append(set)
            case .addChain(let table, let chain): chains[table, default: []].append(chain)
            case .addRule(let table, let chain, let rule): rules[table, default: [:]][chain, default: []].append(rule)
            case .addElements(let table, let set, let added):
                elements[table, default: [:]][set, default: []] += added
            case .deleteTable, .deleteChain, .flushRules, .deleteSet, .flushSet, .deleteElements: break
            }
        }
        return tables.map { table in
            describing(
                table,
                sets: (sets[table] ?? []).map { ($0, elements[table]?[$0.name] ?? []) },
                chains: (chains[table] ?? []).map { ($0, rules[table]?[$0.name] ?? []) }
            )
        }.joined(separator: "\n")
    }
}
