/** Floor 3: architectures, one a file, with the parameter names of their Hugging Face checkpoints. */
@NullMarked
package dev.shoestring.models;

import org.jspecify.annotations.NullMarked;
