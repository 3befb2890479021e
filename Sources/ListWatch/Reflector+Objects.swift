// What is known of objects, by version alone: the objects themselves belong to the caller.
extension Reflector {
    /// Judges an item of a list.
    package mutating func listed(_ object: ObjectIdentity) -> ReflectorVerdict {
        // A list tells what is true now, even when that is older: the server may have been restored from a backup.
        note(object)
    }

    /// Judges an object of an event that says that it is new or has changed.
    package mutating func applied(_ object: ObjectIdentity) -> ReflectorVerdict {
        guard case .receiving(let stream) = phase, stream.verb == .watch else { return note(object) }
        advance(to: object.version)
        if let before = known[object.reference]?.version, let version = object.version, version.isOlder(than: before) {
            return .ignore
        }
        return note(object)
    }

    /// Judges an object of an event that says that it is gone.
    package mutating func deleted(_ object: ObjectIdentity) -> ReflectorVerdict {
        if case .receiving(let stream) = phase, stream.verb == .watch { advance(to: object.version) }
        guard let before = known[object.reference] else { return .ignore }
        if let known = before.version, let version = object.version, version.isOlder(than: known) { return .ignore }
        known[object.reference] = nil
        return .remove
    }

    /// Notes a bookmark: up to here, everything has been received.
    package mutating func bookmark(
        _ mark: ResourceVersion,
        endsInitialEvents: Bool,
        _ now: Instant,
        random: inout some RandomNumberGenerator
    ) -> [ReflectorAction] {
        guard case .receiving(var stream) = phase else { return [] }
        switch stream.verb {
        case .list: return []
        case .watchWithObjects:
            guard endsInitialEvents else { return [] }
            stream.verb = .watch
            stream.isSettled = true
            stream.hasBookmarks = true
            stream.heard = now
            phase = .receiving(stream)
            return listEnded(mark) + succeed()
        case .watch:
            if let version, mark.isOlder(than: version) {
                // No server takes back what it has said, unless it was restored from a backup.
                return expire(now, random: &random)
            }
            version = mark
            stream.hasBookmarks = true
            stream.isSettled = true
            phase = .receiving(stream)
            return succeed()
        }
    }

    /// Notes that an event has arrived, which shows that the watch works.
    package mutating func eventArrived() -> [ReflectorAction] {
        guard case .receiving(var stream) = phase, stream.verb == .watch, !stream.isSettled else { return [] }
        stream.isSettled = true
        phase = .receiving(stream)
        return succeed()
    }

    private mutating func advance(to version: ResourceVersion?) {
        guard let version else { return }
        if let before = self.version, version.isOlder(than: before) { return }
        self.version = version
    }

    private mutating func note(_ object: ObjectIdentity) -> ReflectorVerdict {
        let before = known.updateValue(Known(version: object.version, generation: generation), forKey: object.reference)
        if let before, let version = before.version, version == object.version { return .ignore }
        return .apply
    }
}
