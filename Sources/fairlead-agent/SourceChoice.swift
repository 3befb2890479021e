internal import CommandLineOptions
internal import KubeConfig
internal import LinuxSystem
internal import Manifests
internal import ProxyConfiguration

/// Where objects come from: a directory of manifests, or an API server.
///
/// The command line comes before the configuration file, and in the file `fairlead.manifests`, which only somebody who
/// means it writes, before `clientConnection.kubeconfig`, which stands in every file of kube-proxy.
struct SourceChoice {
    /// The directory of manifests; empty for an API server.
    let manifests: String

    private let kubeconfig: String
    private let master: ServerAddress?

    /// Chooses by what was given.
    init(_ arguments: Arguments, _ configuration: KubeProxyConfiguration) {
        master = arguments[AgentCommand.master]
        kubeconfig = configuration.clientConnection.kubeconfig
        let directory = configuration.fairlead?.manifests ?? ""
        manifests = arguments[AgentCommand.manifests] ?? (master == nil ? directory : "")
    }

    /// The fields of the configuration that make no difference because of the choice.
    func fieldsWithoutEffect(of configuration: KubeProxyConfiguration) -> [String] {
        let (given, defaults) = (configuration.clientConnection, KubeProxyConfiguration.defaults.clientConnection)
        if !manifests.isEmpty { return given == defaults ? [] : ["clientConnection"] }
        let isOtherFormat = given.contentType != defaults.contentType && given.contentType != "application/json"
        return isOtherFormat || !given.acceptContentTypes.isEmpty ? ["clientConnection.contentType"] : []
    }

    /// How to reach the API server; nil when there is a directory of manifests.
    ///
    /// - Parameter file: The configuration file, for the complaint.
    /// - Returns: The access that the kubeconfig gives, or else that of the pod.
    /// - Throws: What is wrong with it, or that nothing says where objects come from.
    func access(configurationFile file: String?) throws -> ClusterAccess? {
        if !manifests.isEmpty { return nil }
        if kubeconfig.isEmpty { return try ownAccess(configurationFile: file) }
        let document: SingleDocument
        do throws(SingleDocumentError) { document = try SingleDocument(path: kubeconfig) } catch {
            throw ConfigurationFailure(messages: ["--kubeconfig: \(error)"])
        }
        do throws(KubeConfigError) {
            var access = try KubeConfig.access(from: document.value, file: kubeconfig)
            if let master { access.server = master }
            return access
        } catch {
            throw ConfigurationFailure(messages: ["\(error)"])
        }
    }

    private func ownAccess(configurationFile file: String?) throws -> ClusterAccess {
        let folder = ClusterAccess.serviceAccountFolder
        let hasAccount = (try? FileStatus(ofFileAt: "\(folder)/token")) != nil
        if let master {
            var access = ClusterAccess(server: master)
            // A token that goes out in the clear is anybody's.
            if hasAccount, master.isSecure {
                access.authorities = .file("\(folder)/ca.crt")
                access.credential = .tokenFile("\(folder)/token")
            }
            return access
        }
        let isPod = environmentVariable("KUBERNETES_SERVICE_HOST").map { !$0.isEmpty } ?? false
        guard isPod else {
            throw AgentCommand.refusal(
                "no source of Services: give --manifests DIR, a directory of YAML or JSON files, or --kubeconfig FILE for "
                    + "an API server"
                    + (file.map { ", or fairlead.manifests or clientConnection.kubeconfig in \($0)" } ?? "")
                    + "; this is no pod, whose own account would do"
            )
        }
        guard hasAccount else {
            throw AgentCommand.refusal(
                "no source of Services: there is no account of the pod in \(folder); let it be mounted "
                    + "(automountServiceAccountToken), or give --kubeconfig FILE or --manifests DIR"
            )
        }
        do throws(KubeConfigError) {
            return try .inCluster { environmentVariable($0) }
        } catch {
            throw ConfigurationFailure(messages: ["\(error)"])
        }
    }
}
