internal import CNetfilter
internal import Nftables

extension TableFamily {
    /// The kernel's number of the family (`NFPROTO_IPV4` or `NFPROTO_IPV6`).
    var protocolFamily: UInt8 { self == .ip ? 2 : 10 }

    /// The family with the kernel's number, if it is one of ours.
    init?(protocolFamily: UInt8) {
        switch protocolFamily {
        case 2: self = .ip
        case 10: self = .ip6
        default: return nil
        }
    }
}

extension Verdict {
    /// The kernel's number of the verdict (`NF_DROP`, `NF_ACCEPT`, `enum nft_verdicts`).
    var kernelCode: Int32 {
        switch self {
        case .drop: 0
        case .accept: 1
        case .jump: NFT_JUMP.rawValue
        case .goto: NFT_GOTO.rawValue
        case .return: NFT_RETURN.rawValue
        }
    }

    /// The verdict with the kernel's number, or nil when it is none of ours.
    init?(kernelCode: Int32, chain: String?) {
        switch (kernelCode, chain) {
        case (0, _): self = .drop
        case (1, _): self = .accept
        case (NFT_JUMP.rawValue, let chain?): self = .jump(chain)
        case (NFT_GOTO.rawValue, let chain?): self = .goto(chain)
        case (NFT_RETURN.rawValue, _): self = .return
        default: return nil
        }
    }
}

extension SetDeclaration {
    /// The kernel's flags of the set (`enum nft_set_flags`).
    var kernelFlags: UInt32 {
        let map = content == .members ? 0 : UInt32(NFT_SET_MAP.rawValue)
        return switch form {
        case .plain: map
        case .ranges: map | UInt32(NFT_SET_INTERVAL.rawValue | NFT_SET_CONCAT.rawValue)
        case .dynamic: map | UInt32(NFT_SET_TIMEOUT.rawValue | NFT_SET_EVAL.rawValue)
        }
    }
}

/// The types of the messages that are sent and read (`enum nf_tables_msg_types`).
enum MessageType {
    static let newTable = UInt16(NFT_MSG_NEWTABLE.rawValue)
    static let deleteTable = UInt16(NFT_MSG_DELTABLE.rawValue)
    static let newChain = UInt16(NFT_MSG_NEWCHAIN.rawValue)
    static let getChains = UInt16(NFT_MSG_GETCHAIN.rawValue)
    static let deleteChain = UInt16(NFT_MSG_DELCHAIN.rawValue)
    static let newRule = UInt16(NFT_MSG_NEWRULE.rawValue)
    static let getRules = UInt16(NFT_MSG_GETRULE.rawValue)
    static let deleteRules = UInt16(NFT_MSG_DELRULE.rawValue)
    static let newSet = UInt16(NFT_MSG_NEWSET.rawValue)
    static let getSets = UInt16(NFT_MSG_GETSET.rawValue)
    static let deleteSet = UInt16(NFT_MSG_DELSET.rawValue)
    static let newElements = UInt16(NFT_MSG_NEWSETELEM.rawValue)
    static let getElements = UInt16(NFT_MSG_GETSETELEM.rawValue)
    static let deleteElements = UInt16(NFT_MSG_DELSETELEM.rawValue)
    static let newObject = UInt16(NFT_MSG_NEWOBJ.rawValue)
    static let getObjects = UInt16(NFT_MSG_GETOBJ.rawValue)
    static let deleteObject = UInt16(NFT_MSG_DELOBJ.rawValue)
    static let newFlowtable = UInt16(NFT_MSG_NEWFLOWTABLE.rawValue)
    static let getFlowtables = UInt16(NFT_MSG_GETFLOWTABLE.rawValue)
    static let deleteFlowtable = UInt16(NFT_MSG_DELFLOWTABLE.rawValue)
    static let getGeneration = UInt16(NFT_MSG_GETGEN.rawValue)
    static let newGeneration = UInt16(NFT_MSG_NEWGEN.rawValue)
}

/// The flags of netlink headers that are used (linux/netlink.h).
enum MessageFlags {
    static let request = UInt16(NLM_F_REQUEST)
    static let acknowledge = UInt16(NLM_F_ACK)
    static let create = UInt16(NLM_F_CREATE)
    static let append = UInt16(NLM_F_APPEND)
    static let dump = UInt16(NLM_F_ROOT | NLM_F_MATCH)
    /// Refuses to delete an object together with what is in it.
    static let nonRecursive = UInt16(NLM_F_NONREC)
}
