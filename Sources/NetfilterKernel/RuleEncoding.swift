internal import CNetfilter
internal import NetworkAddress
internal import Nftables

/// Builds the expressions of a rule with libnftnl.
///
/// Every statement loads what it looks at into the 32-bit registers from the first one on; nothing is carried from
/// one statement to the next.
@safe struct RuleEncoding {
    private let family: TableFamily
    // Owned by the caller, who frees the rule with its expressions.
    private let rule: OpaquePointer

    /// The first of the sixteen 32-bit registers.
    private static let firstRegister = UInt32(NFT_REG32_00.rawValue)

    private init(_ rule: OpaquePointer, family: TableFamily) {
        unsafe self.rule = rule
        self.family = family
    }

    /// Appends the expressions of the statements to a rule of libnftnl.
    static func append(_ statements: [Statement], to rule: OpaquePointer, family: TableFamily) {
        let encoding = unsafe RuleEncoding(rule, family: family)
        for statement in statements { encoding.append(statement) }
    }

    private func append(_ statement: Statement) {
        switch statement {
        case .match(let field, let comparison):
            load([field])
            append(comparison, of: field)
        case .member(let fields, let set, let isMember):
            load(fields)
            lookup(set, destination: nil, inverted: !isMember)
        case .verdictMap(let fields, let map):
            load(fields)
            lookup(map, destination: UInt32(NFT_REG_VERDICT.rawValue), inverted: false)
        case .verdict(let verdict):
            immediate(verdict)
        case .destinationNAT(let fields, let map):
            let result = Self.firstRegister + UInt32(fields.types(in: family).words)
            load(fields)
            lookup(map, destination: result, inverted: false)
            translateDestination(from: result)
        case .remember(let fields, let value, let map, let seconds):
            change(map, fields, value, operation: NFT_DYNSET_OP_UPDATE.rawValue, seconds: seconds)
        case .forget(let fields, let value, let map):
            change(map, fields, value, operation: NFT_DYNSET_OP_DELETE.rawValue, seconds: nil)
        case .masquerade:
            expression("masq") { $0.set(Attribute.masqueradeFlags, masqueradeFullyRandom) }
        case .reject(let rejection):
            reject(rejection)
        case .setMarkBits(let bits):
            changeMark(keeping: ~bits, flipping: bits)
        case .flipMarkBits(let bits):
            changeMark(keeping: .max, flipping: bits)
        }
    }

    // MARK: - Loading

    /// Loads a concatenation into consecutive registers.
    private func load(_ fields: [Field], from first: UInt32 = firstRegister) {
        var register = first
        for field in fields {
            load(field, into: register)
            register += UInt32(field.type(in: family).words)
        }
    }

    private func load(_ field: Field, into register: UInt32) {
        switch field {
        case .sourceAddress: loadNetworkHeader(at: family == .ip ? 12 : 8, into: register)
        case .destinationAddress: loadNetworkHeader(at: family == .ip ? 16 : 24, into: register)
        case .transportProtocol: loadMeta(NFT_META_L4PROTO.rawValue, into: register)
        case .mark: loadMeta(NFT_META_MARK.rawValue, into: register)
        case .destinationPort:
            loadPayload(base: NFT_PAYLOAD_TRANSPORT_HEADER.rawValue, offset: 2, bytes: 2, into: register)
        case .randomNumber(let modulus):
            expression("numgen") {
                $0.set(Attribute.numgenRegister, register)
                $0.set(Attribute.numgenModulus, modulus)
                $0.set(Attribute.numgenType, UInt32(NFT_NG_RANDOM.rawValue))
            }
        case .connectionState: loadConnection(NFT_CT_STATE.rawValue, into: register)
        case .connectionStatus: loadConnection(NFT_CT_STATUS.rawValue, into: register)
        case .destinationAddressType: loadAddressType(UInt32(NFTA_FIB_F_DADDR.rawValue), into: register)
        case .sourceAddressType: loadAddressType(UInt32(NFTA_FIB_F_SADDR.rawValue), into: register)
        case .inputInterface: loadMeta(NFT_META_IIFNAME.rawValue, into: register)
        case .originalSourceAddress:
            let key = family == .ip ? NFT_CT_SRC_IP : NFT_CT_SRC_IP6
            loadConnection(key.rawValue, of: .original, into: register)
        case .originalDestinationAddress:
            let key = family == .ip ? NFT_CT_DST_IP : NFT_CT_DST_IP6
            loadConnection(key.rawValue, of: .original, into: register)
        case .originalDestinationPort:
            loadConnection(NFT_CT_PROTO_DST.rawValue, of: .original, into: register)
        case .replySourceAddress:
            let key = family == .ip ? NFT_CT_SRC_IP : NFT_CT_SRC_IP6
            loadConnection(key.rawValue, of: .reply, into: register)
        case .replySourcePort:
            loadConnection(NFT_CT_PROTO_SRC.rawValue, of: .reply, into: register)
        }
    }

    private func loadAddressType(_ flags: UInt32, into register: UInt32) {
        expression("fib") {
            $0.set(Attribute.fibRegister, register)
            $0.set(Attribute.fibResult, UInt32(NFT_FIB_RESULT_ADDRTYPE.rawValue))
            $0.set(Attribute.fibFlags, flags)
        }
    }

    private func loadNetworkHeader(at offset: UInt32, into register: UInt32) {
        loadPayload(
            base: NFT_PAYLOAD_NETWORK_HEADER.rawValue,
            offset: offset,
            bytes: family == .ip ? 4 : 16,
            into: register
        )
    }

    private func loadPayload(base: UInt32, offset: UInt32, bytes: UInt32, into register: UInt32) {
        expression("payload") {
            $0.set(Attribute.payloadRegister, register)
            $0.set(Attribute.payloadBase, base)
            $0.set(Attribute.payloadOffset, offset)
            $0.set(Attribute.payloadLength, bytes)
        }
    }

    private func loadMeta(_ key: UInt32, into register: UInt32) {
        expression("meta") {
            $0.set(Attribute.metaKey, key)
            $0.set(Attribute.metaDestination, register)
        }
    }

    /// A direction of a connection (`enum ip_conntrack_dir`).
    private enum Direction: UInt8 {
        /// That of its first packet.
        case original = 0
        /// That of the packets that answer it.
        case reply = 1
    }

    private func loadConnection(_ key: UInt32, of direction: Direction? = nil, into register: UInt32) {
        expression("ct") {
            if let direction { $0.set(byte: Attribute.connectionDirection, direction.rawValue) }
            $0.set(Attribute.connectionKey, key)
            $0.set(Attribute.connectionRegister, register)
        }
    }

    // MARK: - Comparing

    private func append(_ comparison: Comparison, of field: Field) {
        switch comparison {
        case .equals(let number):
            // A protocol is one byte; everything else that is compared with a number has four.
            let bytes = field == .transportProtocol ? [UInt8(truncatingIfNeeded: number)] : Self.octets(number)
            compare(isEqual: true, bytes)
        case .hasAnyBit(let bits):
            mask(with: Self.octets(bits), flipping: Self.octets(0))
            compare(isEqual: false, Self.octets(0))
        case .isNamed(let name):
            // The kernel compares all sixteen bytes of a name (IFNAMSIZ), padded with zeros.
            compare(isEqual: true, Array((Array(name.utf8) + [UInt8](repeating: 0, count: 16)).prefix(16)))
        case .isNamedLike(let prefix): compare(isEqual: true, Array(prefix.utf8.prefix(15)))
        case .isIn(let prefix): compare(isIn: prefix, isEqual: true)
        case .isNotIn(let prefix): compare(isIn: prefix, isEqual: false)
        }
    }

    private func compare(isIn prefix: IPPrefix, isEqual: Bool) {
        let mask = IPAddress(family: prefix.family, bits: prefix.mask).octets
        if prefix.length < prefix.family.addressBits {
            self.mask(with: mask, flipping: mask.map { _ in 0 })
        }
        compare(isEqual: isEqual, prefix.address.octets)
    }

    private func mask(with mask: [UInt8], flipping flip: [UInt8]) {
        expression("bitwise") {
            $0.set(Attribute.bitwiseSource, Self.firstRegister)
            $0.set(Attribute.bitwiseDestination, Self.firstRegister)
            $0.set(Attribute.bitwiseLength, UInt32(mask.count))
            $0.set(Attribute.bitwiseMask, mask)
            $0.set(Attribute.bitwiseFlip, flip)
        }
    }

    private func compare(isEqual: Bool, _ bytes: [UInt8]) {
        expression("cmp") {
            $0.set(Attribute.compareSource, Self.firstRegister)
            let operation = isEqual ? NFT_CMP_EQ.rawValue : NFT_CMP_NEQ.rawValue
            $0.set(Attribute.compareOperation, UInt32(operation))
            $0.set(Attribute.compareData, bytes)
        }
    }

    private static func octets(_ number: UInt32) -> [UInt8] {
        // In the host's order, little-endian, as the kernel stores numbers in registers.
        (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    // MARK: - Acting

    private func lookup(_ set: String, destination: UInt32?, inverted: Bool) {
        expression("lookup") {
            $0.set(Attribute.lookupSource, Self.firstRegister)
            $0.set(Attribute.lookupSet, set)
            if let destination { $0.set(Attribute.lookupDestination, destination) }
            if inverted { $0.set(Attribute.lookupFlags, UInt32(NFT_LOOKUP_F_INV.rawValue)) }
        }
    }

    private func immediate(_ verdict: Verdict) {
        expression("immediate") {
            $0.set(Attribute.immediateRegister, UInt32(NFT_REG_VERDICT.rawValue))
            $0.set(Attribute.immediateVerdict, UInt32(bitPattern: verdict.kernelCode))
            if let chain = verdict.target { $0.set(Attribute.immediateChain, chain) }
        }
    }

    private func change(
        _ map: String,
        _ fields: [Field],
        _ value: [Field],
        operation: UInt32,
        seconds: UInt32?
    ) {
        let valueRegister = Self.firstRegister + UInt32(fields.types(in: family).words)
        load(fields)
        load(value, from: valueRegister)
        expression("dynset") {
            $0.set(Attribute.dynamicMap, map)
            $0.set(Attribute.dynamicOperation, operation)
            $0.set(Attribute.dynamicKey, Self.firstRegister)
            $0.set(Attribute.dynamicValue, valueRegister)
            if let seconds { $0.set(milliseconds: Attribute.dynamicTimeout, UInt64(seconds) * 1000) }
        }
    }

    private func translateDestination(from register: UInt32) {
        let addressWords = UInt32(DataType.address(family.addressFamily).words)
        expression("nat") {
            $0.set(Attribute.natType, UInt32(NFT_NAT_DNAT.rawValue))
            $0.set(Attribute.natFamily, UInt32(family.protocolFamily))
            $0.set(Attribute.natAddress, register)
            $0.set(Attribute.natPort, register + addressWords)
        }
    }

    private func reject(_ rejection: Rejection) {
        expression("reject") {
            switch rejection {
            case .tcpReset:
                $0.set(Attribute.rejectType, UInt32(NFT_REJECT_TCP_RST.rawValue))
            case .portUnreachable:
                $0.set(Attribute.rejectType, UInt32(NFT_REJECT_ICMP_UNREACH.rawValue))
                // ICMP_PORT_UNREACH of RFC 792, or ICMPV6_PORT_UNREACH of RFC 4443 §3.1.
                $0.set(byte: Attribute.rejectCode, family == .ip ? 3 : 4)
            }
        }
    }

    private func changeMark(keeping mask: UInt32, flipping flip: UInt32) {
        load([.mark])
        self.mask(with: Self.octets(mask), flipping: Self.octets(flip))
        expression("meta") {
            $0.set(Attribute.metaKey, UInt32(NFT_META_MARK.rawValue))
            $0.set(Attribute.metaSource, Self.firstRegister)
        }
    }

    private func expression(_ name: String, _ describe: (Expression) -> Void) {
        let expression = Expression(name)
        describe(expression)
        unsafe nftnl_rule_add_expr(rule, expression.handle)
    }
}

/// An expression of libnftnl on its way into a rule, which then owns it.
@safe private struct Expression {
    let handle: OpaquePointer

    init(_ name: String) {
        guard let handle = unsafe nftnl_expr_alloc(name) else {
            // libnftnl knows all of these names; it returns nil only when memory is exhausted.
            fatalError("out of memory for an nftables expression")
        }
        unsafe self.handle = handle
    }

    func set(_ attribute: UInt16, _ number: UInt32) { unsafe nftnl_expr_set_u32(handle, attribute, number) }

    func set(byte attribute: UInt16, _ number: UInt8) { unsafe nftnl_expr_set_u8(handle, attribute, number) }

    func set(_ attribute: UInt16, _ text: String) { unsafe nftnl_expr_set_str(handle, attribute, text) }

    func set(milliseconds attribute: UInt16, _ number: UInt64) { unsafe nftnl_expr_set_u64(handle, attribute, number) }

    // libnftnl copies the bytes.
    func set(_ attribute: UInt16, _ bytes: [UInt8]) {
        unsafe nftnl_expr_set(handle, attribute, bytes, UInt32(bytes.count))
    }
}

/// Masquerading picks ports at random (`NF_NAT_RANGE_PROTO_RANDOM_FULLY`): two flows rarely want the same.
private let masqueradeFullyRandom: UInt32 = 1 << 4

/// The attributes of libnftnl's expressions, whose enumerations Swift imports as different types.
private enum Attribute {
    static let payloadRegister = UInt16(NFTNL_EXPR_PAYLOAD_DREG)
    static let payloadBase = UInt16(NFTNL_EXPR_PAYLOAD_BASE)
    static let payloadOffset = UInt16(NFTNL_EXPR_PAYLOAD_OFFSET)
    static let payloadLength = UInt16(NFTNL_EXPR_PAYLOAD_LEN)
    static let metaKey = UInt16(NFTNL_EXPR_META_KEY)
    static let metaDestination = UInt16(NFTNL_EXPR_META_DREG)
    static let metaSource = UInt16(NFTNL_EXPR_META_SREG)
    static let numgenRegister = UInt16(NFTNL_EXPR_NG_DREG)
    static let numgenModulus = UInt16(NFTNL_EXPR_NG_MODULUS)
    static let numgenType = UInt16(NFTNL_EXPR_NG_TYPE)
    static let connectionKey = UInt16(NFTNL_EXPR_CT_KEY)
    static let connectionDirection = UInt16(NFTNL_EXPR_CT_DIR)
    static let dynamicMap = UInt16(NFTNL_EXPR_DYNSET_SET_NAME)
    static let dynamicOperation = UInt16(NFTNL_EXPR_DYNSET_OP)
    static let dynamicKey = UInt16(NFTNL_EXPR_DYNSET_SREG_KEY)
    static let dynamicValue = UInt16(NFTNL_EXPR_DYNSET_SREG_DATA)
    static let dynamicTimeout = UInt16(NFTNL_EXPR_DYNSET_TIMEOUT)
    static let connectionRegister = UInt16(NFTNL_EXPR_CT_DREG)
    static let fibRegister = UInt16(NFTNL_EXPR_FIB_DREG)
    static let fibResult = UInt16(NFTNL_EXPR_FIB_RESULT)
    static let fibFlags = UInt16(NFTNL_EXPR_FIB_FLAGS)
    static let bitwiseSource = UInt16(NFTNL_EXPR_BITWISE_SREG)
    static let bitwiseDestination = UInt16(NFTNL_EXPR_BITWISE_DREG)
    static let bitwiseLength = UInt16(NFTNL_EXPR_BITWISE_LEN)
    static let bitwiseMask = UInt16(NFTNL_EXPR_BITWISE_MASK)
    static let bitwiseFlip = UInt16(NFTNL_EXPR_BITWISE_XOR)
    static let compareSource = UInt16(NFTNL_EXPR_CMP_SREG)
    static let compareOperation = UInt16(NFTNL_EXPR_CMP_OP)
    static let compareData = UInt16(NFTNL_EXPR_CMP_DATA)
    static let lookupSource = UInt16(NFTNL_EXPR_LOOKUP_SREG)
    static let lookupDestination = UInt16(NFTNL_EXPR_LOOKUP_DREG)
    static let lookupSet = UInt16(NFTNL_EXPR_LOOKUP_SET)
    static let lookupFlags = UInt16(NFTNL_EXPR_LOOKUP_FLAGS)
    static let immediateRegister = UInt16(NFTNL_EXPR_IMM_DREG)
    static let immediateVerdict = UInt16(NFTNL_EXPR_IMM_VERDICT)
    static let immediateChain = UInt16(NFTNL_EXPR_IMM_CHAIN)
    static let natType = UInt16(NFTNL_EXPR_NAT_TYPE)
    static let natFamily = UInt16(NFTNL_EXPR_NAT_FAMILY)
    static let natAddress = UInt16(NFTNL_EXPR_NAT_REG_ADDR_MIN)
    static let natPort = UInt16(NFTNL_EXPR_NAT_REG_PROTO_MIN)
    static let masqueradeFlags = UInt16(NFTNL_EXPR_MASQ_FLAGS)
    static let rejectType = UInt16(NFTNL_EXPR_REJECT_TYPE)
    static let rejectCode = UInt16(NFTNL_EXPR_REJECT_CODE)
}
