/// What jobs need to run and what is seen of them while they do, whoever runs them: [JobHost] is the way in, [StreamJob] what it is given,
/// [RunningJob] what is known of it. [Surroundings] is what a job may reach.
package io.conshelf.streams.run;
