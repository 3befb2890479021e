internal import LabKit
internal import LinuxSystem

/// A subject that serves.
struct RunningSubject {
    let subject: HTTPSubject
    let process: LabProcess
    let accounts: ProcessAccounts
    let logPath: String

    /// Which processor the subjects have for themselves.
    private static let subjectProcessor = 0
    /// Which processor the load, the backend and the bench share.
    private static let loadProcessor = 1

    /// Keeps the calling thread, and what it starts from then on, on the processor for the load.
    static func leaveProcessor(in lab: Lab) throws {
        guard let thread = try symbolicLinkDestination(at: "/proc/thread-self").split(separator: "/").last
        else { throw Errno.invalidArgument }
        try lab.runSuccessfully(["taskset", "-cp", "\(loadProcessor)", String(thread)])
    }

    /// Starts a subject on its processor, and waits until it serves every body on both ports.
    init(
        _ subject: HTTPSubject,
        _ setting: HTTPSubject.Setting,
        in lab: Lab,
        check: @escaping () throws -> Void
    ) throws {
        self.subject = subject
        logPath = "\(setting.directory)/\(subject.rawValue).access"
        let command = try subject.prepare(setting, in: lab)
        // Whatever ends the bench ends the subject as well.
        let guarded = ["setpriv", "--pdeathsig", "KILL", "--", "taskset", "-c", "\(Self.subjectProcessor)"]
        process = try lab.start(guarded + command)
        try Self.awaitAnswer(of: subject, process, check)
        accounts = try ProcessAccounts(of: process.pid)
        try verify(host: HTTPSubject.host(setting.hosts - 1), check)
    }

    /// Waits for the first good answer: a subject with many hosts takes its time.
    private static func awaitAnswer(
        of subject: HTTPSubject,
        _ process: LabProcess,
        _ check: @escaping () throws -> Void
    ) throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do {
                let driver = try LoadDriver(port: subject.plainPort, isTLS: false, check: check)
                if try driver.ask(.small, host: HTTPSubject.host(0)).status == 200 { return }
            } catch is Errno {
                // Nobody listens yet.
            }
            try check()
            guard process.isRunning, ContinuousClock.now < end else {
                throw HTTPBenchFault("\(subject.rawValue) does not serve; it printed: \(process.output)")
            }
            try pause(.milliseconds(50))
        }
    }

    /// Checks that every body arrives as it is, in clear and over TLS where the subject speaks it.
    private func verify(host: String, _ check: @escaping () throws -> Void) throws {
        for (port, isTLS) in [(subject.plainPort, false), (subject.tlsPort, true)] where !isTLS || subject.servesTLS {
            for body in BackendBody.allCases {
                let driver = try LoadDriver(port: port, isTLS: isTLS, check: check)
                let answer = try driver.ask(body, host: host)
                guard answer.status == 200, answer.body == body.bytes else {
                    throw HTTPBenchFault(
                        "\(subject.rawValue) answers \(body.path)\(isTLS ? " over TLS" : "") with status "
                            + "\(answer.status) and \(answer.body.count) bytes that are not the backend's"
                    )
                }
            }
        }
    }

    /// Ends it, and waits until none of its processes holds a port.
    func stop() {
        process.stop()
        let end = ContinuousClock.now + .seconds(5)
        while !accounts.areClosed, ContinuousClock.now < end {
            // A wait that is cut short is repeated.
            try? pause(.milliseconds(10))
        }
    }

    /// Checks that what was asked for was written down, and forgets it.
    func takeLog() throws {
        guard subject.writesLog else { return }
        guard try FileStatus(ofFileAt: logPath).size > 0 else {
            throw HTTPBenchFault("\(subject.rawValue) writes no access log")
        }
        // Every subject appends, so that the file starts anew.
        try writeFile("", at: logPath)
    }
}
