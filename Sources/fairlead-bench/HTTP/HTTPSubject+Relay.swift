internal import LinuxSystem

extension HTTPSubject {
    /// This program itself, as the floor.
    func relayCommand() throws -> [String] {
        [try symbolicLinkDestination(at: "/proc/self/exe"), "relay", "--port", "\(plainPort)"]
    }
}
