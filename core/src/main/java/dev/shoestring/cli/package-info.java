/** Floor 7: the command line; no logic of its own. */
@NullMarked
package dev.shoestring.cli;

import org.jspecify.annotations.NullMarked;
