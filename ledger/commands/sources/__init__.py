"""Where lines come from: files, directories, compressed input, batches and brokers."""
