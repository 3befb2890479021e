/// What documents have led to: objects, and what there is to say about the rest.
package struct DecodedObjects: Sendable {
    /// The objects, in the order of the documents.
    package var objects: [KubernetesObject] = []

    /// The objects that are known by name but left out because of a problem.
    package var leftOut: [ObjectReference] = []

    /// What is wrong, with objects that are left out and with parts of those that are not.
    package var problems: [ObjectProblem] = []

    /// What is worth a quiet line.
    package var notices: [ObjectNotice] = []

    /// Creates an empty result.
    package init() {}

    /// Adds what other documents have led to.
    package mutating func append(_ other: DecodedObjects) {
        objects += other.objects
        leftOut += other.leftOut
        problems += other.problems
        notices += other.notices
    }
}
