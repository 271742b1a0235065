/** Floor 3: tables of labelled text, their splits, and batches. */
@NullMarked
package dev.shoestring.data;

import org.jspecify.annotations.NullMarked;
