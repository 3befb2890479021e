internal import NetworkAddress
internal import Nftables

/// What one rule did with a packet.
enum RuleResult: CustomStringConvertible {
    /// A part did not match: on to the next rule.
    case noMatch
    /// All parts ran, none gave a verdict: on to the next rule.
    case matchWithoutVerdict
    case verdict(Verdict)
    case reject(Rejection)
    /// Addresses were translated, which ends the chain.
    case translated

    var description: String {
        switch self {
        case .noMatch: "no match"
        case .matchWithoutVerdict: "on"
        case .verdict(let verdict): verdict.description
        case .reject: "rejected"
        case .translated: "translated"
        }
    }
}

extension PacketWalk {
    mutating func run(_ rule: Rule, in table: TableState) throws(NumberWanted) -> RuleResult {
        let drawsBefore = draws
        for statement in rule.statements {
            switch try run(statement, in: table) {
            case .matchWithoutVerdict: continue
            case .noMatch:
                missedDraws.formUnion(drawsBefore..<draws)
                return .noMatch
            case let end: return end
            }
        }
        return .matchWithoutVerdict
    }

    private mutating func run(_ statement: Statement, in table: TableState) throws(NumberWanted) -> RuleResult {
        switch statement {
        case .match(let field, let comparison):
            return try matches(field, comparison) ? .matchWithoutVerdict : .noMatch
        case .member(let fields, let name, let isMember):
            return try (content(of: name, in: table, at: fields) != nil) == isMember ? .matchWithoutVerdict : .noMatch
        case .verdictMap(let fields, let name):
            guard case .verdict(let verdict) = try content(of: name, in: table, at: fields)?.value else {
                return .noMatch
            }
            return .verdict(verdict)
        case .verdict(let verdict):
            return .verdict(verdict)
        case .destinationNAT(let fields, let name):
            guard case .fields(let data) = try content(of: name, in: table, at: fields)?.value else { return .noMatch }
            let family = table.table.family.addressFamily
            guard let port = Port(rawValue: data.portNumber(at: DataType.address(family).words)) else {
                preconditionFailure("map \(name) sends packets to port 0")
            }
            translateDestination(to: TransportAddress(data.address(family, at: 0), port))
            return .translated
        case .remember(let fields, let value, let map, let seconds):
            let element = Element(try key(fields), .fields(try key(value)))
            remembered.append(RememberedElement(map: map, element: element, seconds: seconds))
            return .matchWithoutVerdict
        case .forget(let fields, _, let map):
            forgotten.append(RememberedElement(map: map, element: Element(try key(fields)), seconds: 0))
            return .matchWithoutVerdict
        case .masquerade:
            isMasqueraded = true
            return .translated
        case .reject(let rejection):
            return .reject(rejection)
        case .setMarkBits(let bits):
            mark |= bits
            return .matchWithoutVerdict
        case .flipMarkBits(let bits):
            mark ^= bits
            return .matchWithoutVerdict
        }
    }

    // MARK: - Fields

    private mutating func content(
        of set: String,
        in table: TableState,
        at fields: [Field]
    ) throws(NumberWanted) -> ElementContent? {
        let key = try key(fields)
        guard let state = table.sets[set], state.declaration.form == .ranges else {
            return table.sets[set]?.contents[key]
        }
        return state.contents.first { first, content in
            guard case .upTo(let last) = content.value else { return first == key }
            return key.isBetween(first, last)
        }?.value
    }

    /// The fields of the packet as a key.
    private mutating func key(_ fields: [Field]) throws(NumberWanted) -> PackedFields {
        var key = PackedFields()
        for field in fields {
            switch field {
            case .sourceAddress: key.append(source)
            case .destinationAddress: key.append(destination.address)
            case .originalSourceAddress: key.append(original.source)
            case .originalDestinationAddress: key.append(original.destination.address)
            case .transportProtocol: key.append(protocolNumber: protocolNumber)
            case .destinationPort: key.append(destination.port)
            case .originalDestinationPort: key.append(original.destination.port)
            case .replySourceAddress: key.append(destination.address)
            case .replySourcePort: key.append(destination.port)
            default: key.append(number: try number(field))
            }
        }
        return key
    }

    private mutating func matches(_ field: Field, _ comparison: Comparison) throws(NumberWanted) -> Bool {
        switch comparison {
        case .isIn(let prefix): prefix.contains(address(field))
        case .isNotIn(let prefix): !prefix.contains(address(field))
        case .isNamed(let name): field == .inputInterface && inputInterface == name
        case .isNamedLike(let prefix): field == .inputInterface && inputInterface.hasPrefix(prefix)
        case .equals(let wanted): try number(field) == wanted
        case .hasAnyBit(let bits): try number(field) & bits != 0
        }
    }

    private func address(_ field: Field) -> IPAddress {
        switch field {
        case .sourceAddress: source
        case .destinationAddress: destination.address
        case .originalSourceAddress: original.source
        case .originalDestinationAddress: original.destination.address
        case .replySourceAddress: destination.address
        default: preconditionFailure("the store takes no rule that compares \(field) with addresses")
        }
    }

    private mutating func number(_ field: Field) throws(NumberWanted) -> UInt32 {
        switch field {
        case .transportProtocol: return UInt32(protocolNumber)
        case .destinationPort: return UInt32(destination.port.rawValue)
        case .mark: return mark
        case .connectionState: return connection == .new ? ConnectionState.new : Self.stateEstablished
        case .connectionStatus: return isDestinationTranslated ? ConnectionStatus.destinationTranslated : 0
        case .destinationAddressType: return isDestinationLocal ? AddressType.local : Self.addressTypeUnicast
        case .sourceAddressType: return isSourceLocal ? AddressType.local : Self.addressTypeUnicast
        case .originalDestinationPort: return UInt32(original.destination.port.rawValue)
        case .replySourcePort: return UInt32(destination.port.rawValue)
        case .randomNumber(let modulus):
            guard let number = numbers.next(below: modulus) else { throw NumberWanted(modulus: modulus) }
            draws += 1
            return number
        case .sourceAddress, .destinationAddress, .originalSourceAddress, .originalDestinationAddress,
            .replySourceAddress, .inputInterface:
            preconditionFailure("the store takes no rule that compares \(field) with a number")
        }
    }

    /// `NF_CT_STATE_BIT(IP_CT_ESTABLISHED)`.
    private static let stateEstablished: UInt32 = 1 << 1
    /// `RTN_UNICAST`.
    private static let addressTypeUnicast: UInt32 = 1
}
