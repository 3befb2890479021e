internal import CPCRE2

/// A regular expression of Perl's kind over bytes, compiled once and searched for by all threads.
///
/// It is what nginx makes of the same text: PCRE2 without UTF, `.` stops at line feeds, `$` is also true before a last one.
@safe
package final class Pattern: Sendable {
    /// How a text is to be understood.
    package struct Options: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Letters stand for themselves in both cases.
        package static let ignoringCase = Options(rawValue: 1)
        /// The text has `^` before it, as nginx writes its locations.
        ///
        /// Of several alternatives without parentheses only the first is held by it: `/a|/b` finds `/x/b`.
        package static let fromStart = Options(rawValue: 2)
    }

    /// The longest text of a pattern, in bytes; longer ones are mistakes, and what is compiled grows with it.
    package static let bytesMax = 4096

    /// The largest number of groups; `PatternScratch` has room for so many.
    package static let groupsMax = 63

    /// The text.
    package let text: String

    /// The number of groups.
    package let groupCount: Int

    // Whether it can be found at one place only, the start of the subject.
    private let isAnchored: Bool

    // Whether PCRE2 made machine code of it.
    private let isNative: Bool

    // Freed in deinit. PCRE2 never changes it once pcre2_jit_compile is done, so threads may share it.
    nonisolated(unsafe) private let code: OpaquePointer

    /// Compiles a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - options: How it is to be understood.
    /// - Throws: What is wrong with it, and where.
    package init(_ text: String, options: Options = []) throws(PatternError) {
        let prefix: [UInt8] = options.contains(.fromStart) ? [UInt8(ascii: "^")] : []
        let bytes = prefix + Array(text.utf8)
        guard bytes.count - prefix.count <= Self.bytesMax else {
            throw .tooLong(bytes: bytes.count - prefix.count, max: Self.bytesMax)
        }
        var flags = PCRE2_NEVER_UTF | PCRE2_USE_OFFSET_LIMIT
        if options.contains(.ignoringCase) { flags |= PCRE2_CASELESS }
        var reason: Int32 = 0
        var position = 0
        let compiled = unsafe bytes.withUnsafeBufferPointer { buffer in
            // The array outlives the call, and PCRE2 keeps nothing of it.
            unsafe pcre2_compile_8(buffer.baseAddress, buffer.count, flags, &reason, &position, nil)
        }
        guard let compiled = unsafe compiled else {
            throw .invalid(reason: Self.message(for: reason), position: max(0, position - prefix.count))
        }
        // No machine code is no error: then PCRE2 interprets the pattern.
        _ = unsafe pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE)
        let groups = unsafe Int(Self.number(PCRE2_INFO_CAPTURECOUNT, of: compiled))
        guard groups <= Self.groupsMax else {
            unsafe pcre2_code_free_8(compiled)
            throw .tooManyGroups(count: groups, max: Self.groupsMax)
        }
        var nativeBytes = 0
        // PCRE2_INFO_JITSIZE is written as a size_t.
        _ = unsafe pcre2_pattern_info_8(compiled, UInt32(PCRE2_INFO_JITSIZE), &nativeBytes)
        self.text = text
        groupCount = groups
        isAnchored = unsafe Self.number(PCRE2_INFO_ALLOPTIONS, of: compiled) & PCRE2_ANCHORED != 0
        isNative = nativeBytes > 0
        unsafe code = compiled
    }

    deinit { unsafe pcre2_code_free_8(code) }

    /// Searches for the pattern; allocates nothing.
    ///
    /// - Parameters:
    ///   - subject: The bytes in which it is searched for.
    ///   - scratch: What the thread searches with; it says afterwards what the groups caught and whether the search was
    ///     given up.
    /// - Returns: Whether it is there; false if the search was given up.
    package func find(in subject: borrowing Span<UInt8>, scratch: inout PatternScratch) -> Bool {
        let limits = SearchLimits(subject: subject.count, isNative: isNative)
        // The code lives as long as self.
        let first = unsafe scratch.search(code, in: subject, starts: 0...0, steps: limits.stepsAtStart)
        if first || isAnchored || scratch.fault != nil { return first }
        guard subject.count > 0 else { return false }
        return unsafe scratch.search(code, in: subject, starts: 1...subject.count, steps: limits.stepsElsewhere)
    }

    /// The number of the group with a name, or nil.
    package func group(named name: some StringProtocol) -> Int? {
        let bytes = Array(name.utf8) + [0]
        let number = unsafe bytes.withUnsafeBufferPointer { buffer in
            // The name ends in a zero byte, and PCRE2 keeps nothing of it.
            unsafe pcre2_substring_number_from_name_8(code, buffer.baseAddress)
        }
        return number > 0 ? Int(number) : nil
    }

    private static func number(_ what: Int32, of code: OpaquePointer) -> UInt32 {
        var value: UInt32 = 0
        // Only asked for what PCRE2 writes as a uint32_t.
        _ = unsafe pcre2_pattern_info_8(code, UInt32(what), &value)
        return value
    }

    private static func message(for reason: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            // PCRE2 writes at most as many bytes as the buffer has.
            unsafe pcre2_get_error_message_8(reason, buffer.baseAddress, buffer.count)
        }
        return count > 0 ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : "error \(reason)"
    }
}
