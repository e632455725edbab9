/// The test cases of a project, `test/testConfig.json`: [TestCases] reads them and writes skeletons, [TestRun] runs them over local files and compares, as
/// the service's own tool does.
package io.conshelf.streams.cases;
