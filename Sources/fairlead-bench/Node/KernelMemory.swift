internal import LinuxSystem

/// What the kernel uses for itself, on the whole machine.
enum KernelMemory {
    /// The bytes of slabs that cannot be reclaimed and of `vmalloc`: where nf_tables and x_tables keep their rules.
    static func bytes() throws -> Int {
        var kibibytes = 0
        for line in try readFile(at: "/proc/meminfo").split(separator: "\n")
        where line.hasPrefix("SUnreclaim:") || line.hasPrefix("VmallocUsed:") {
            kibibytes += Int(line.filter(\.isNumber)) ?? 0
        }
        return kibibytes * 1024
    }

    /// Waits until the kernel has freed what earlier namespaces held, which it does at its leisure; ten seconds at most.
    static func settle() throws -> Int {
        var last = try bytes()
        var calm = 0
        for _ in 0..<50 {
            try pause(.milliseconds(200))
            let now = try bytes()
            calm = abs(now - last) < 256 * 1024 ? calm + 1 : 0
            last = now
            if calm == 3 { break }
        }
        return last
    }
}
