/** The same training as a barrier job of Apache Spark: each task is one rank, which trains in a process of its own. */
@NullMarked
package dev.shoestring.spark;

import org.jspecify.annotations.NullMarked;
