internal import CNetfilter
internal import NetworkAddress
internal import Nftables

/// A chain as the kernel lists it.
struct ListedChain {
    let table: String
    let name: String

    /// Whether it belongs to the rule that leads to it, with which it comes and goes (`jump { … }`).
    let isBound: Bool

    /// The chain, or nil when it has a hook, a type or a policy that we never make.
    let chain: Chain?

    init?(_ message: Message) {
        let attributes = message.attributes
        guard let table = attributes.first(NFTA_CHAIN_TABLE)?.text, let name = attributes.first(NFTA_CHAIN_NAME)?.text
        else { return nil }
        self.table = table
        self.name = name
        let flags = attributes.first(NFTA_CHAIN_FLAGS)?.number ?? 0
        isBound = flags & UInt32(NFT_CHAIN_BINDING.rawValue) != 0
        guard let hook = attributes.first(NFTA_CHAIN_HOOK) else {
            chain = Chain(name)
            return
        }
        let accept: UInt32 = 1  // NF_ACCEPT
        guard let number = hook.nested.first(NFTA_HOOK_HOOKNUM)?.number, let known = Hook(rawValue: number),
            let priority = hook.nested.first(NFTA_HOOK_PRIORITY)?.number,
            let typeName = attributes.first(NFTA_CHAIN_TYPE)?.text, let type = BaseHook.ChainType(rawValue: typeName),
            attributes.first(NFTA_CHAIN_POLICY)?.number == accept
        else {
            chain = nil
            return
        }
        chain = Chain(name, base: BaseHook(type: type, hook: known, priority: Int32(bitPattern: priority)))
    }
}

/// A set as the kernel lists it.
struct ListedSet {
    let table: String
    let name: String

    /// Whether it belongs to the rule that uses it, with which it comes and goes (`ip saddr { … }`).
    let isAnonymous: Bool

    /// The declaration, or nil when it has types, flags or anything else that we never make.
    let declaration: SetDeclaration?

    init?(_ message: Message) {
        let attributes = message.attributes
        guard let table = attributes.first(NFTA_SET_TABLE)?.text, let name = attributes.first(NFTA_SET_NAME)?.text
        else { return nil }
        self.table = table
        self.name = name
        let flags = attributes.first(NFTA_SET_FLAGS)?.number ?? 0
        isAnonymous = flags & UInt32(NFT_SET_ANONYMOUS.rawValue) != 0
        declaration = Self.declaration(name, flags, attributes)
    }

    private static func declaration(_ name: String, _ flags: UInt32, _ attributes: Attributes) -> SetDeclaration? {
        let size = attributes.first(NFTA_SET_DESC)?.nested.first(NFTA_SET_DESC_SIZE)?.number
        let policy = attributes.first(NFTA_SET_POLICY)?.number ?? UInt32(NFT_SET_POL_PERFORMANCE.rawValue)
        // With expressions every element counts or limits packets.
        guard policy == NFT_SET_POL_PERFORMANCE.rawValue, attributes.first(NFTA_SET_EXPR) == nil,
            attributes.first(NFTA_SET_EXPRESSIONS) == nil,
            let key = types(attributes.first(NFTA_SET_KEY_TYPE)?.number, attributes.first(NFTA_SET_KEY_LEN)?.number),
            let content = content(flags, attributes)
        else { return nil }
        // One of these forms has the flags that the set has, or it is none of ours.
        let forms: [SetDeclaration.Form] = size.map { [.dynamic(elementsMax: $0)] } ?? [.plain, .ranges]
        return forms.map { SetDeclaration(name, key: key, content: content, form: $0) }
            .first { $0.kernelFlags == flags }
    }

    private static func content(_ flags: UInt32, _ attributes: Attributes) -> SetDeclaration.Content? {
        guard flags & UInt32(NFT_SET_MAP.rawValue) != 0 else { return .members }
        let dataType = attributes.first(NFTA_SET_DATA_TYPE)?.number
        if dataType == verdictDataType { return .verdicts }
        return types(dataType, attributes.first(NFTA_SET_DATA_LEN)?.number).map { .fields($0) }
    }

    /// The types that nft's number stands for, if they are ours and have the length that the kernel tells.
    private static func types(_ identifier: UInt32?, _ length: UInt32?) -> [DataType]? {
        guard var rest = identifier, let length else { return nil }
        var types: [DataType] = []
        while rest != 0 {
            guard let type = ours.first(where: { $0.nftIdentifier == rest & 0x3f }) else { return nil }
            types.insert(type, at: 0)
            rest >>= 6
        }
        return !types.isEmpty && types.kernelLength == Int(length) ? types : nil
    }

    private static let ours: [DataType] = [.address(.ipv4), .address(.ipv6), .transportProtocol, .port, .number]
}

/// Elements as the kernel lists them.
enum ListedElements {
    /// Appends the elements that a message lists.
    ///
    /// One that does not fit the set's types is left out.
    static func read(_ message: Message, of set: SetDeclaration, into elements: inout [Element]) {
        guard let list = message.attributes.first(NFTA_SET_ELEM_LIST_ELEMENTS) else { return }
        for item in list.nested {
            if let element = element(item.nested, of: set) { elements.append(element) }
        }
    }

    private static func element(_ attributes: Attributes, of set: SetDeclaration) -> Element? {
        guard let key = fields(attributes.first(NFTA_SET_ELEM_KEY)) else { return nil }
        let comment = comment(attributes.first(NFTA_SET_ELEM_USERDATA))
        let data = attributes.first(NFTA_SET_ELEM_DATA)
        switch set.content {
        case .members:
            let last = fields(attributes.first(NFTA_SET_ELEM_KEY_END))
            return Element(key, last.map { .upTo($0) } ?? .none, comment: comment)
        case .fields:
            guard let value = fields(data) else { return nil }
            return Element(key, .fields(value), comment: comment)
        case .verdicts:
            guard let verdict = data?.nested.first(NFTA_DATA_VERDICT)?.nested,
                let code = verdict.first(NFTA_VERDICT_CODE)?.number,
                let known = Verdict(
                    kernelCode: Int32(bitPattern: code),
                    chain: verdict.first(NFTA_VERDICT_CHAIN)?.text
                )
            else { return nil }
            return Element(key, .verdict(known), comment: comment)
        }
    }

    private static func fields(_ attribute: Attributes.Attribute?) -> PackedFields? {
        attribute?.nested.first(NFTA_DATA_VALUE).flatMap { PackedFields(bytes: $0.octets) }
    }

    /// The text of userdata of type 0, a comment, without its NUL.
    private static func comment(_ attribute: Attributes.Attribute?) -> String? {
        guard let attribute, case let bytes = attribute.octets, bytes.count > 2, bytes[0] == 0 else { return nil }
        let length = Int(bytes[1])
        guard bytes.count >= 2 + length, length > 0 else { return nil }
        return String(decoding: bytes[2..<(2 + length - 1)], as: UTF8.self)
    }
}
