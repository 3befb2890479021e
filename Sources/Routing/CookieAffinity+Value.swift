extension CookieAffinity {
    /// The two halves of a cookie's value, `<key>|<backend>`, as parts of it.
    package struct Value: Hashable, Sendable {
        /// What an endpoint is picked by.
        package let key: Range<Int>
        /// The backend that set the cookie; nil in cookies of early days.
        package let backend: Range<Int>?

        /// Divides the value of a cookie.
        ///
        /// - Parameter value: The value as the client sent it.
        package init(_ value: borrowing Span<UInt8>) {
            var end = 0
            while end < value.count, value[end] != CookieAffinity.delimiter { end += 1 }
            key = 0..<end
            guard end < value.count else {
                backend = nil
                return
            }
            var last = end + 1
            while last < value.count, value[last] != CookieAffinity.delimiter { last += 1 }
            backend = (end + 1)..<last
        }
    }

    /// What stands between the key and the backend.
    static let delimiter = UInt8(ascii: "|")
}
