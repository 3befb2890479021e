internal import CPCRE2

/// What a thread searches with: memory that is made once and used for every search.
@safe
package struct PatternScratch: ~Copyable {
    // All of these are made in init, freed in deinit and never shared.
    private let matchData: OpaquePointer
    private let context: OpaquePointer
    private let stack: OpaquePointer?

    // The steps that the context allows now, so that it is told only of changes.
    private var stepsMax: UInt32 = 0

    // The number of groups, the whole counted as one, of which the last search says something.
    private var groupCount = 0

    /// Why the last search was given up; nil if it was not.
    package private(set) var fault: PatternFault?

    /// How many searches were given up since the scratch was made.
    package private(set) var faultCount: UInt64 = 0

    /// Creates a scratch.
    package init() {
        guard let data = unsafe pcre2_match_data_create_8(UInt32(Pattern.groupsMax + 1), nil),
            let context = unsafe pcre2_match_context_create_8(nil)
        else { fatalError("out of memory: a scratch for patterns") }
        // Limits of the interpreter; machine code has the stack for its limit.
        unsafe pcre2_set_depth_limit_8(context, 20_000)
        unsafe pcre2_set_heap_limit_8(context, 4096)
        // Without a stack of its own machine code uses the thread's, of which it takes at most 32 KiB.
        let stack = unsafe pcre2_jit_stack_create_8(Self.stackBytesMin, Self.stackBytesMax, nil)
        if let stack = unsafe stack {
            // The stack is freed after the context.
            unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack))
        }
        unsafe matchData = data
        unsafe self.context = context
        unsafe self.stack = stack
    }

    deinit {
        unsafe pcre2_match_data_free_8(matchData)
        unsafe pcre2_match_context_free_8(context)
        if let stack = unsafe stack { unsafe pcre2_jit_stack_free_8(stack) }
    }

    /// What a group of the pattern that was found last caught, as a part of the subject; nil if nothing.
    ///
    /// - Parameter number: The number of the group; 0 is all that was found.
    /// - Returns: Where the bytes are, or nil if the group took no part or there is none.
    package func group(_ number: Int) -> Range<Int>? {
        guard number >= 0, number < groupCount else { return nil }
        // The vector has two numbers for each of groupsMax + 1 groups, and groupCount is at most that.
        let vector = unsafe pcre2_get_ovector_pointer_8(matchData)
        guard let vector = unsafe vector else { return nil }
        let start = unsafe vector[2 * number]
        let end = unsafe vector[2 * number + 1]
        // PCRE2_UNSET has all bits set, so it is negative here.
        return start >= 0 && end >= start ? start..<end : nil
    }

    /// Forgets what the last search found and why it was given up.
    package mutating func clear() {
        groupCount = 0
        fault = nil
    }

    /// Searches for a pattern at some places of a subject.
    ///
    /// - Parameters:
    ///   - code: The pattern; it must live until the call returns.
    ///   - subject: The bytes.
    ///   - starts: Where a match may start.
    ///   - steps: How many steps each of these places may take.
    /// - Returns: Whether it was found.
    @unsafe
    mutating func search(
        _ code: OpaquePointer,
        in subject: borrowing Span<UInt8>,
        starts: ClosedRange<Int>,
        steps: UInt32
    ) -> Bool {
        clear()
        if steps != stepsMax {
            unsafe pcre2_set_match_limit_8(context, steps)
            stepsMax = steps
        }
        unsafe pcre2_set_offset_limit_8(context, starts.upperBound)
        let (data, context) = unsafe (matchData, context)
        let result = unsafe subject.withUnsafeBufferPointer { buffer in
            // The subject is borrowed until the call returns; PCRE2 keeps its address but is never asked for it.
            unsafe pcre2_match_8(code, buffer.baseAddress, buffer.count, starts.lowerBound, 0, data, context)
        }
        if result > 0 {
            groupCount = Int(result)
            return true
        }
        guard result != PCRE2_ERROR_NOMATCH else { return false }
        faultCount += 1
        switch result {
        case PCRE2_ERROR_MATCHLIMIT: fault = .tooManySteps
        case PCRE2_ERROR_DEPTHLIMIT, PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_NOMEMORY, PCRE2_ERROR_JIT_STACKLIMIT:
            fault = .tooMuchMemory
        default: fault = .other(result)
        }
        return false
    }

    private static let stackBytesMin = 32 * 1024
    private static let stackBytesMax = 512 * 1024
}
