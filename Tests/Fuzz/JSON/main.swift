internal import CLibFuzzer
import Glibc
import KubernetesAPI
import Manifests

// Reads the fuzzer's bytes as JSON manifests; whatever they are, that must end in objects or problems.

let decoder = ObjectDecoder(kinds: Set(ObjectKind.allCases))
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
// The fuzzer owns the bytes for the length of a call; they are copied.
let result = unsafe LLVMFuzzerRunDriver(&count, &arguments) { start, count in
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let contents = ManifestContents(of: bytes, format: .json, name: "fuzz.json", decoder: decoder)
    for object in contents.decoded.objects {
        precondition(!object.metadata.name.isEmpty, "an object without a name got through")
        precondition(object.metadata.origin?.hasPrefix("fuzz.json document ") == true, "an object without an origin")
    }
    for problem in contents.syntaxProblems + contents.decoded.problems {
        precondition(
            problem.description.escapingInvisibles == problem.description,
            "a problem holds a character that spoils the log"
        )
    }
    return 0
}
exit(result)
