internal import LinuxSystem

extension ManifestDirectory {
    /// Takes all that inotify has to say, and notes which files to look at and when.
    func receiveEvents(at time: ContinuousClock.Instant) {
        var hasLostEvents = false
        do throws(Errno) {
            // A writer that never rests must not keep us here; what is left makes the descriptor readable again.
            for _ in 0..<1024 {
                let events = try watches.readEvents()
                if events.isEmpty { break }
                for event in events {
                    if event.happenings.contains(.overflowed) { hasLostEvents = true } else { receive(event, at: time) }
                }
            }
        } catch {
            hasLostEvents = true
        }
        if hasLostEvents {
            isRootSuspect = true
            scan("", at: time, isCautious: true)
        }
    }

    private func receive(_ event: Inotify.Event, at time: ContinuousClock.Instant) {
        guard let folder = watches.folder(of: event.watch) else { return }
        let happenings = event.happenings
        guard !event.name.isEmpty else {
            receiveOnFolder(folder, event, at: time)
            return
        }
        let path = path(of: event.name, in: folder)
        let isAppearing = !happenings.isDisjoint(with: [.created, .movedTo])
        let isLeaving = !happenings.isDisjoint(with: [.deleted, .movedFrom])
        if happenings.contains(.onDirectory) {
            guard !isHidden(event.name) else { return }
            if isLeaving { dropFolder(path, until: time + limits.removalWait) }
            if isAppearing || happenings.contains(.attributesChanged) { scan(path, at: time, isCautious: true) }
        } else if event.name.hasPrefix("..") {
            // A ConfigMap mount swaps the link `..data`, through which all its files are reached.
            if isAppearing || isLeaving { scan(folder, at: time, isCautious: true) }
        } else if ManifestFormat(fileName: event.name) != nil {
            receiveOnFile(path, happenings, at: time)
        }
    }

    private func receiveOnFolder(_ folder: String, _ event: Inotify.Event, at time: ContinuousClock.Instant) {
        if event.happenings.contains(.watchEnded) {
            watches.forget(event.watch)
            if folder.isEmpty {
                // An inode number may be given anew, so the next directory counts as another one in any case.
                attached = nil
                isRootSuspect = true
            }
        } else if !event.happenings.isDisjoint(with: [.selfDeleted, .selfMoved, .unmounted]) {
            if folder.isEmpty { isRootSuspect = true }
        } else if event.happenings.contains(.attributesChanged) {
            // The right to list it may have come back.
            scan(folder, at: time, isCautious: true)
        }
    }

    private func receiveOnFile(_ path: String, _ happenings: Inotify.Happenings, at time: ContinuousClock.Instant) {
        if !happenings.isDisjoint(with: [.closedAfterWriting, .movedTo]) {
            looks[path] = Look(time: time, isForced: true)
        } else if happenings.contains(.modified) {
            looks[path] = Look(time: time + limits.unclosedWriteWait, isForced: true)
        } else if happenings.contains(.created) {
            // Links are complete from the beginning; a file will be written to and closed.
            let status = try? FileStatus(ofLinkAt: fullPath(path))
            let isLink = status.map { $0.kind == .symbolicLink || $0.linkCount > 1 } ?? false
            if isLink { noteLink(path) }
            looks[path] = Look(time: isLink ? time : time + limits.unclosedWriteWait, isForced: true)
        } else if !happenings.isDisjoint(with: [.deleted, .movedFrom]) {
            looks[path] = Look(time: time + limits.removalWait, isForced: false)
        } else if happenings.contains(.attributesChanged), looks[path] == nil {
            looks[path] = Look(time: time, isForced: false)
        }
    }
}
