internal import CNetfilter

/// What an acknowledgement or an error message says (struct nlmsgerr).
struct ErrorAnswer {
    /// The sequence number of the message that is answered.
    let sequence: UInt32

    /// The positive error number, or 0 for an acknowledgement.
    let error: Int32

    /// Where the offending attribute starts in the message that is answered, when the kernel tells.
    let attributeOffset: Int?

    /// Reads an answer, or returns nil when the message is none or is cut off.
    init?(_ message: Message) {
        guard message.type == UInt16(NLMSG_ERROR), unsafe message.payload.count >= 20 else { return nil }
        unsafe error = 0 &- message.payload.loadUnaligned(as: Int32.self)
        unsafe sequence = message.payload.loadUnaligned(fromByteOffset: 4 + 8, as: UInt32.self)
        // The header of the request follows the error number, then the attributes of the answer, if any.
        if message.flags & UInt16(NLM_F_ACK_TLVS) != 0 {
            let attributes = unsafe Attributes(UnsafeRawBufferPointer(rebasing: message.payload[20...]))
            let offset = attributes.first { $0.type == UInt16(NLMSGERR_ATTR_OFFS.rawValue) }
            attributeOffset = offset.flatMap { attribute in
                unsafe attribute.value.count == 4 ? Int(attribute.value.loadUnaligned(as: UInt32.self)) : nil
            }
        } else {
            attributeOffset = nil
        }
    }
}
