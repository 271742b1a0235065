/** Floor 1: tensors, scopes, devices and random state. With {@code distributed}, the only package that imports the native binding. */
@NullMarked
package dev.shoestring.tensor;

import org.jspecify.annotations.NullMarked;
