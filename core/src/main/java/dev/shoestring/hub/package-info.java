/** Floor 3: where models come from and go to: Maven, the Hugging Face hub, folders; safetensors and ONNX weights. */
@NullMarked
package dev.shoestring.hub;

import org.jspecify.annotations.NullMarked;
