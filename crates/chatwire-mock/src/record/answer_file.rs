//! The file of an answer's body. [`draft`](super::draft) gives it bytes in which secrets are already masked, and it
//! overwrites those that become whole only when a stream is joined.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};

use crate::recording::{AnswerKind, Secrets, SplitTexts};

#[derive(Debug)]
pub(super) struct AnswerFile {
    file: BufWriter<File>,
    /// `None` if the answer is not a stream.
    texts: Option<SplitTexts>,
}

impl AnswerFile {
    pub(super) fn new(file: File, kind: AnswerKind, secrets: &Secrets) -> Self {
        let is_stream = kind == AnswerKind::Stream;
        let texts = is_stream.then(|| SplitTexts::new(secrets.clone()));
        Self { file: BufWriter::new(file), texts }
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        let found = self.texts.as_mut().map_or(Ok(Vec::new()), SplitTexts::finish)?;
        self.overwrite(&found)?;
        self.file.flush()
    }

    fn overwrite(&mut self, places: &[u64]) -> io::Result<()> {
        if places.is_empty() {
            return Ok(());
        }
        for place in places {
            self.file.seek(SeekFrom::Start(*place))?;
            self.file.write_all(b"*")?;
        }
        self.file.seek(SeekFrom::End(0)).map(drop)
    }
}

impl Write for AnswerFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let bytes = bytes.get(..written).unwrap_or_default();
        let found = self.texts.as_mut().map_or(Ok(Vec::new()), |texts| texts.push(bytes))?;
        self.overwrite(&found)?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
