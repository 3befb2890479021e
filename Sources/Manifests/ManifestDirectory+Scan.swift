internal import KubernetesAPI
internal import LinuxSystem

extension ManifestDirectory {
    /// Watches a folder and all below it, and notes which files there are new, different or gone.
    ///
    /// The watch comes before the listing: what appears in between is seen by one of them at least.
    ///
    /// `isCautious` says whether a file that was written a moment ago may be unfinished, since its events may have
    ///   been missed.
    func scan(_ folder: String, at time: ContinuousClock.Instant, isCautious: Bool) {
        var folders = [folder]
        while let folder = folders.popLast() {
            folders += scanOne(folder, at: time, isCautious: isCautious)
        }
    }

    /// Scans one folder and returns those in it.
    private func scanOne(_ folder: String, at time: ContinuousClock.Instant, isCautious: Bool) -> [String] {
        let names: [String]
        var problems: [ObjectProblem] = []
        let origin = folder.isEmpty ? root : folder
        do throws(Errno) {
            do throws(Errno) {
                try watches.watch(folder, at: fullPath(folder))
                unwatchedFolders.remove(folder)
            } catch {
                if error == .noSuchFile || error == .notDirectory { throw error }
                unwatchedFolders.insert(folder)
                let message =
                    "the folder cannot be watched: \(error); it is read again each \(limits.pollInterval); "
                    + "raise fs.inotify.max_user_watches with sysctl"
                problems.append(ObjectProblem(origin: origin, message: message))
            }
            names = try directoryEntries(at: fullPath(folder))
        } catch {
            if error == .noSuchFile || error == .notDirectory {
                // It went while we came; if it is the directory itself, that is looked into.
                if folder.isEmpty { isRootSuspect = true } else { dropFolder(folder, until: time + limits.removalWait) }
                return []
            }
            let message = "the folder cannot be read: \(error); what was read from it before is kept"
            reports.report(.folder(folder), problems: [ObjectProblem(origin: origin, message: message)])
            return []
        }

        var folders: [String] = []
        var present: Set<String> = []
        var notices: [ObjectNotice] = []
        for name in names.sorted() where !isHidden(name) {
            let path = path(of: name, in: folder)
            guard let status = try? FileStatus(ofLinkAt: fullPath(path)) else { continue }
            if status.kind == .directory {
                folders.append(path)
            } else if status.kind == .symbolicLink, (try? FileStatus(ofFileAt: fullPath(path)))?.kind == .directory {
                let message = "it is a symbolic link to a folder, which is not followed"
                notices.append(ObjectNotice(origin: path, message: message))
            } else if ManifestFormat(fileName: name) != nil {
                present.insert(name)
                noteFound(path, status, in: folder, name: name, at: time, isCautious: isCautious)
            }
        }
        if folder.isEmpty, present.isEmpty, folders.isEmpty {
            notices.append(ObjectNotice(origin: root, message: "the directory holds no .yaml, .yml or .json file"))
        }
        reports.report(.folder(folder), problems: problems, notices: notices)
        noteMissing(in: folder, present: present, folders: Set(folders), until: time + limits.removalWait)
        return folders
    }

    private func noteFound(
        _ path: String,
        _ status: FileStatus,
        in folder: String,
        name: String,
        at time: ContinuousClock.Instant,
        isCautious: Bool
    ) {
        var status = status
        if status.kind == .symbolicLink {
            noteLink(path)
            if let target = try? FileStatus(ofFileAt: fullPath(path)) { status = target }
        } else if status.linkCount > 1 {
            noteLink(path)
        }
        let known = files[folder]?[name]?.signature
        if let known, known == FileSignature(status) {
            // It is back before anyone missed it.
            if looks[path]?.isForced == false { looks[path] = nil }
            return
        }
        let age = wallClockNanoseconds() - status.modifiedNanoseconds
        let isFresh = isCautious && age >= 0 && Duration.nanoseconds(age) < limits.quietWait
        // A look that is already due at the closing of the file stays as it is.
        if looks[path]?.isForced == true { return }
        looks[path] = Look(time: isFresh ? time + limits.quietWait : time, isForced: true)
    }

    private func noteMissing(
        in folder: String,
        present: Set<String>,
        folders: Set<String>,
        until deadline: ContinuousClock.Instant
    ) {
        for name in (files[folder] ?? [:]).keys where !present.contains(name) {
            noteMissing(path(of: name, in: folder), until: deadline)
        }
        let prefix = folder.isEmpty ? "" : "\(folder)/"
        for other in Array(files.keys) where other.hasPrefix(prefix) && other.utf8.count > prefix.utf8.count {
            let child = prefix + other.dropFirst(prefix.count).prefix { $0 != "/" }
            if !folders.contains(child) { dropFolder(child, until: deadline) }
        }
    }

    private func noteMissing(_ path: String, until deadline: ContinuousClock.Instant) {
        if looks[path] == nil { looks[path] = Look(time: deadline, isForced: false) }
    }

    /// Gives up the watches of a folder that is gone and of all below it; its files count as gone after the deadline.
    func dropFolder(_ folder: String, until deadline: ContinuousClock.Instant) {
        let prefix = "\(folder)/"
        for other in Array(watches.watchedFolders) where other == folder || other.hasPrefix(prefix) {
            watches.remove(other)
            reports.report(.folder(other))
        }
        reports.report(.folder(folder))
        unwatchedFolders = unwatchedFolders.filter { $0 != folder && !$0.hasPrefix(prefix) }
        for (other, names) in files where other == folder || other.hasPrefix(prefix) {
            for name in names.keys { looks[path(of: name, in: other)] = Look(time: deadline, isForced: false) }
        }
    }

    /// Notes a symbolic or hard link, whose file may change through another name.
    ///
    /// Links through `..data` change only when it is swapped, which sends an event.
    func noteLink(_ path: String) {
        let destination = try? symbolicLinkDestination(at: fullPath(path))
        if destination?.hasPrefix("..data/") == true {
            polledLinks.remove(path)
        } else {
            polledLinks.insert(path)
        }
    }
}
