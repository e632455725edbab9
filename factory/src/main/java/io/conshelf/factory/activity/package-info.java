/// What the activities of a pipeline do, one declaration each.
///
/// To add an activity: write its [ActivityType] in the file of its family - name, every documented property with how it is treated, the
/// lists of inner activities, and the code that runs it - and put it on the list in [ActivityTypes]. Validation, the run record and the
/// supported-properties table read the same declaration.
package io.conshelf.factory.activity;
