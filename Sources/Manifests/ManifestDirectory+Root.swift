internal import KubernetesAPI
internal import LinuxSystem

extension ManifestDirectory {
    /// Holds the directory at the path against the one that is watched, and takes up another one in its place.
    func checkRoot(at time: ContinuousClock.Instant) {
        isRootSuspect = false
        let isFirst = files.isEmpty && attached == nil
        guard let found = directoryAtRoot() else {
            attached = nil
            for folder in Array(watches.watchedFolders) { watches.remove(folder) }
            // Files are not looked at while the directory is away; they would all seem deleted.
            looks = [:]
            let message =
                "the directory of manifests has vanished; what was read from it is kept, and it is read again as soon "
                + "as it is back"
            reports.report(.directory, problems: [ObjectProblem(origin: root, message: message)])
            return
        }
        reports.report(.directory)
        guard found != attached else { return }
        for folder in Array(watches.watchedFolders) { watches.remove(folder) }
        attached = found
        looks = [:]
        scan("", at: time, isCautious: !isFirst)
        // Someone may be filling it at this moment, so what is missing gets more time than usual.
        for (file, look) in looks where !look.isForced {
            looks[file]?.time = max(look.time, time + limits.replacementWait)
        }
    }

    /// The directory that the path leads to at present; nil when there is none.
    func directoryAtRoot() -> DirectoryIdentity? {
        guard let status = try? FileStatus(ofFileAt: root), status.kind == .directory else { return nil }
        return DirectoryIdentity(status)
    }

    /// Looks at what changes without an event: links, folders that cannot be watched, and the directory's own path.
    func pollWhatSendsNoEvents(at time: ContinuousClock.Instant) {
        isRootSuspect = true
        for folder in unwatchedFolders.sorted() { scan(folder, at: time, isCautious: true) }
        for path in polledLinks where looks[path] == nil {
            looks[path] = Look(time: time, isForced: false)
        }
    }

    /// Decides when to poll next, if there is anything to poll.
    func schedulePoll(at time: ContinuousClock.Instant) {
        let isRootLink = (try? FileStatus(ofLinkAt: root))?.kind == .symbolicLink
        let hasCause = attached == nil || isRootLink || !unwatchedFolders.isEmpty || !polledLinks.isEmpty
        guard hasCause else {
            nextPoll = nil
            return
        }
        if let poll = nextPoll, poll > time { return }
        nextPoll = time + limits.pollInterval
    }
}
