internal import ByteBuffers
internal import HTTPSemantics
internal import HTTPWire
internal import LoadBalancing
internal import PatternMatching
internal import Routing

/// Which backend and which endpoint a client's cookies ask for.
extension Worker {
    /// The backend that serves the request: the route's, or its canary's (B.6).
    ///
    /// A client whose cookie of affinity names one of both stays with it; after that the canary's rules decide.
    mutating func chooseBackend(
        _ exchange: Int32,
        _ route: Route,
        _ routing: RoutingTable
    ) -> Backend? {
        guard let id = route.backend, let main = routing.backend(id) else { return nil }
        guard let canary = route.canary, let other = routing.backend(canary.backend) else { return main }
        let choice: Canary.Choice
        if canary.keepsAffinity, let kept = affinityChoice(route, main, other) {
            choice = kept
        } else {
            choice = canaryChoice(canary)
        }
        guard choice == .canary, !other.endpoints.isEmpty else { return main }
        exchanges[exchange].flags.insert(.isCanary)
        return other
    }

    private mutating func canaryChoice(_ canary: Canary) -> Canary.Choice {
        let random = random.below(canary.randomBound)
        var header: Span<UInt8>?
        if let name = canary.header, let line = field(named: name) { header = inbox.lent[line.value] }
        var cookie: Span<UInt8>?
        if let name = canary.cookie { cookie = cookieValue(named: name.span) }
        return canary.decide(headerValue: header, cookieValue: cookie, random: random, scratch: &patterns)
    }

    /// The backend that the cookie of affinity was set by, if it is one of both.
    private func affinityChoice(_ route: Route, _ main: Backend, _ other: Backend) -> Canary.Choice? {
        guard let affinity = route.affinity, let value = cookieValue(named: affinity.name.span),
            let mark = CookieAffinity.Value(value).backend
        else { return nil }
        let named = value.extracting(mark)
        if Self.isMark(named, of: main) { return .main }
        return Self.isMark(named, of: other) ? .canary : nil
    }

    /// Notes the key that the client's cookie holds, or makes one that the response sets.
    mutating func noteAffinity(_ exchange: Int32, _ route: Route, _ backend: Backend) {
        guard let affinity = route.affinity else { return }
        if let value = cookieValue(named: affinity.name.span) {
            let parts = CookieAffinity.Value(value)
            let isOurs = parts.backend.map { Self.isMark(value.extracting($0), of: backend) } ?? true
            if isOurs, let key = Self.number(value.extracting(parts.key)) {
                exchanges[exchange].affinityKey = key
                return
            }
        }
        exchanges[exchange].affinityKey = 0
        exchanges[exchange].flags.insert(.setsCookie)
    }

    /// The endpoint that the client's cookie asks for; one that is gone, ejected or was tried is replaced.
    mutating func affineSlot(_ exchange: Int32, _ affinity: CookieAffinity, _ place: Int32) -> EndpointSlot? {
        let tried = exchanges[exchange].tried
        let key = exchanges[exchange].affinityKey
        let mayMove = affinity.changesOnFailure || !tried.isEmpty
        switch affinity.mode {
        case .persistent:
            if key != 0, let slot = backends[place].balancer.slot(ofIdentity: key) {
                let isUsable = !tried.contains(slot) && !backends[place].balancer.isEjected(slot, now: UInt64(now))
                if isUsable { return slot }
                if !mayMove { exchanges[exchange].flags.remove(.setsCookie) }
            }
            guard let slot = backends[place].balancer.pick(avoiding: tried, now: UInt64(now), random: &random),
                let address = backends[place].balancer.address(of: slot)
            else { return nil }
            // A failure of the moment moves the client for good only where the Ingress says so.
            let isLost = key == 0 || backends[place].balancer.slot(ofIdentity: key) == nil
            if isLost || affinity.changesOnFailure {
                exchanges[exchange].affinityKey = StableHash.of(address)
                exchanges[exchange].flags.insert(.setsCookie)
            }
            return slot
        case .balanced:
            if key == 0 || !tried.isEmpty && affinity.changesOnFailure {
                exchanges[exchange].affinityKey = random.next() | 1
                exchanges[exchange].flags.insert(.setsCookie)
            }
            let hash = exchanges[exchange].affinityKey
            return backends[place].balancer.pick(hash: hash, avoiding: tried, now: UInt64(now))
        }
    }

    /// Appends the Set-Cookie field that keeps the client with its endpoint.
    mutating func appendAffinityCookie(_ exchange: Int32) {
        guard let route = unsafe exchanges[exchange].route?._withUnsafeGuaranteedRef({ $0 }),
            let backend = unsafe exchanges[exchange].backend?._withUnsafeGuaranteedRef({ $0 }),
            let affinity = route.affinity
        else { return }
        hostText.removeAll()
        hostText.append(hexadecimal16: exchanges[exchange].affinityKey)
        targetText.removeAll()
        let name = backend.nameBytes
        targetText.append(hexadecimal16: StableHash.of(name.span))
        let path = route.origin.path
        outbox.append("Set-Cookie: ")
        affinity.writeSetCookie(
            key: hostText.lent,
            backend: targetText.lent,
            routePath: path.utf8.span,
            isHTTPS: exchanges[exchange].flags.contains(.isHTTPS),
            userAgent: io.buffers[exchanges[exchange].saved].lent[exchanges[exchange].pieces.userAgent],
            now: wallSeconds,
            into: &outbox
        )
        outbox.append("\r\n")
    }

    /// Whether a cookie's second half stands for a backend.
    private static func isMark(_ bytes: Span<UInt8>, of backend: Backend) -> Bool {
        let name = backend.nameBytes
        return number(bytes) == StableHash.of(name.span)
    }

    /// The number that sixteen hexadecimal digits stand for.
    private static func number(_ digits: Span<UInt8>) -> UInt64? {
        guard digits.count == 16 else { return nil }
        var value: UInt64 = 0
        for index in digits.indices {
            let digit: UInt8
            switch digits[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = digits[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = digits[index] - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    // MARK: - Fields

    /// The first field of a name, in lower case.
    func field(named name: [UInt8]) -> FieldLine? {
        for index in 0..<requestParser.fieldCount {
            let line = requestParser.field(at: index)
            guard Int(line.name.count) == name.count else { continue }
            let bytes = inbox.lent[line.name]
            var isSame = true
            for offset in bytes.indices {
                let byte = bytes[offset]
                let lowered = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
                if lowered != name[offset] {
                    isSame = false
                    break
                }
            }
            if isSame { return line }
        }
        return nil
    }

    /// The value of a cookie of the request, from whichever Cookie field has it first.
    ///
    /// It lies in the inbox, and is good for as long as that is not changed.
    @_lifetime(immortal)
    func cookieValue(named name: Span<UInt8>) -> Span<UInt8>? {
        guard requestParser.first(.cookie) != nil else { return nil }
        for index in 0..<requestParser.fieldCount {
            let line = requestParser.field(at: index)
            guard line.known == .cookie else { continue }
            let value = inbox.lent[line.value]
            if let piece = HTTPWire.cookieValue(named: name, in: value) { return value[piece] }
        }
        return nil
    }
}
