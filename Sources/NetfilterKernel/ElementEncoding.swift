internal import CNetfilter
internal import Nftables

/// Writes lists of elements, attribute by attribute.
///
/// libnftnl can build these lists too, from objects that it allocates, copies into and frees one by one. Writing the
/// attributes takes half of the instructions, and a tenth to a third less time though the memory is fresh
/// (Benchmarks/ElementEncoding); and elements are nearly all that is sent.
enum ElementEncoding {
    /// The most that a list of elements can take: the length of an attribute has 16 bits.
    private static let listBytesMax = 0xffff

    /// The most that one element can take: 4 bytes of header, a key of 8 + 48, a verdict of 20 + 256 with a chain's name
    /// or data of 8 + 48, and a comment of 4 + 132.
    private static let elementBytesMax = 512

    /// What most elements stay below: an IPv6 endpoint with a comment of 40 bytes.
    static let usualElementBytes = 144

    /// The most that a message with a list of elements can take, with its header and the names.
    static let messageBytesMax = listBytesMax + 1024

    /// Appends elements to a message until they are all there or the list is full.
    ///
    /// - Parameters:
    ///   - elements: The elements of an operation.
    ///   - first: The index of the first one to append.
    ///   - keysOnly: Whether values and comments are left out, as they are when elements are deleted.
    ///   - header: The message, with `messageBytesMax` bytes of room from its start.
    /// - Returns: The index of the first element that found no room.
    static func append(
        _ elements: [Element],
        from first: Int,
        keysOnly: Bool,
        to header: UnsafeMutablePointer<nlmsghdr>
    ) -> Int {
        let start = unsafe mnl_nlmsg_get_payload_tail(header)
        guard let start = unsafe start else { return elements.count }
        var writer = unsafe AttributeWriter(at: start)
        let list = writer.begin(UInt16(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue))
        // A span lends its elements, where an array would copy them.
        let elements = elements.span
        var index = first
        while index < elements.count, writer.count + elementBytesMax <= listBytesMax {
            append(elements[index], keysOnly: keysOnly, to: &writer)
            index += 1
        }
        writer.end(list)
        unsafe header.pointee.nlmsg_len += UInt32(writer.count)
        return index
    }

    private static func append(_ element: borrowing Element, keysOnly: Bool, to writer: inout AttributeWriter) {
        let item = writer.begin(UInt16(NFTA_LIST_ELEM.rawValue))
        append(element.key, as: UInt16(NFTA_SET_ELEM_KEY.rawValue), to: &writer)
        // The end of a range is a part of its key.
        if case .upTo(let last) = element.value {
            append(last, as: UInt16(NFTA_SET_ELEM_KEY_END.rawValue), to: &writer)
        }
        if !keysOnly {
            switch element.value {
            case .none, .upTo: break
            case .fields(let fields):
                append(fields, as: UInt16(NFTA_SET_ELEM_DATA.rawValue), to: &writer)
            case .verdict(let verdict):
                append(verdict, to: &writer)
            }
            if let comment = element.comment {
                writer.putComment(UInt16(NFTA_SET_ELEM_USERDATA.rawValue), comment)
            }
        }
        writer.end(item)
    }

    private static func append(_ fields: PackedFields, as type: UInt16, to writer: inout AttributeWriter) {
        let outer = writer.begin(type)
        let value = writer.begin(UInt16(NFTA_DATA_VALUE.rawValue), isNested: false)
        for index in 0..<fields.count { writer.putWord(fields[index]) }
        // A lone narrow field is shorter than its word; the rest of the word is padding then.
        writer.end(value, length: 4 + fields.kernelLength)
        writer.end(outer)
    }

    private static func append(_ verdict: Verdict, to writer: inout AttributeWriter) {
        let data = writer.begin(UInt16(NFTA_SET_ELEM_DATA.rawValue))
        let nested = writer.begin(UInt16(NFTA_DATA_VERDICT.rawValue))
        let code = writer.begin(UInt16(NFTA_VERDICT_CODE.rawValue), isNested: false)
        writer.putWord(UInt32(bitPattern: verdict.kernelCode).bigEndian)
        writer.end(code)
        if let chain = verdict.target {
            writer.put(UInt16(NFTA_VERDICT_CHAIN.rawValue), chain)
        }
        writer.end(nested)
        writer.end(data)
    }
}

/// Writes netlink attributes one after the other, aligned to four bytes.
@safe struct AttributeWriter {
    // The room behind it is the caller's promise; ElementEncoding checks it before every element.
    private let base: UnsafeMutableRawPointer

    /// The bytes written so far.
    private(set) var count = 0

    init(at base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// Starts an attribute and returns where it starts, for `end`.
    mutating func begin(_ type: UInt16, isNested: Bool = true) -> Int {
        let start = count
        let flags: UInt16 = isNested ? UInt16(NLA_F_NESTED) : 0
        unsafe base.storeBytes(of: type | flags, toByteOffset: start + 2, as: UInt16.self)
        count += 4
        return start
    }

    /// Ends the attribute that starts there: its length is known now.
    mutating func end(_ start: Int) {
        unsafe base.storeBytes(of: UInt16(count - start), toByteOffset: start, as: UInt16.self)
    }

    /// Ends the attribute that starts there with a length that leaves out padding.
    mutating func end(_ start: Int, length: Int) {
        unsafe base.storeBytes(of: UInt16(length), toByteOffset: start, as: UInt16.self)
    }

    /// Writes four bytes into the attribute that was begun.
    mutating func putWord(_ word: UInt32) {
        unsafe base.storeBytes(of: word, toByteOffset: count, as: UInt32.self)
        count += 4
    }

    /// Writes an attribute of bytes, padded with zeros.
    mutating func put(_ type: UInt16, _ bytes: [UInt8]) {
        let start = begin(type, isNested: false)
        for byte in bytes {
            unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count += 1
        }
        end(start)
        pad(start)
    }

    /// Writes an attribute of text that ends with a NUL, padded with zeros.
    mutating func put(_ type: UInt16, _ text: String) {
        let start = begin(type, isNested: false)
        putText(text)
        end(start)
        pad(start)
    }

    /// Writes an attribute of userdata with a comment as nft keeps it, of at most `Element.commentBytesMax` bytes.
    mutating func putComment(_ type: UInt16, _ comment: String) {
        let start = begin(type, isNested: false)
        // Type 0, and the length of the text with its NUL.
        unsafe base.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        unsafe base.storeBytes(of: UInt8(comment.utf8.count + 1), toByteOffset: count + 1, as: UInt8.self)
        count += 2
        putText(comment)
        end(start)
        pad(start)
    }

    private mutating func putText(_ text: String) {
        let bytes = text.utf8.span
        // The caller has promised room for all of the text and its NUL.
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: base + count, count: source.count).copyMemory(from: source)
        }
        count += bytes.count
        unsafe base.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Pads the attribute that starts there, so that the next one starts at a multiple of four.
    private mutating func pad(_ start: Int) {
        while (count - start) & 3 != 0 {
            unsafe base.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
            count += 1
        }
    }
}
